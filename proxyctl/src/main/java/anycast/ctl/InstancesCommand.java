package anycast.ctl;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `proxyctl instances`.
@Command(
    name = "instances",
    description = "App instances as this process sees them, with its own load on them.")
final class InstancesCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(
      names = "--app",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Only those of one app.")
  private String app = "";

  @Override
  public Integer call() throws CtlFault {
    Columns columns =
        new Columns()
            .text("INSTANCE", "id")
            .text("APP", "app")
            .text("NODE", "node")
            .text("REGION", "region")
            .text("ADDRESS", "address")
            .number("PORT", "port")
            .text("STATE", "state")
            .text("STANDING", "standing")
            .number("IN FLIGHT", "in_flight")
            .number("GENERATION", "generation");
    return main.ask(
        "/instances",
        Map.of("app", app),
        (answer, out) -> {
          columns.print(out, "", "instances", answer.path("instances"));
          Cut.tell(answer, out);
        });
  }
}
