package anycast.ctl;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl routes`.
@Command(name = "routes", description = "Hosts, and the services behind them.")
final class RoutesCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "FILTER",
      arity = "0..1",
      defaultValue = "",
      description = "Only where host, app or service contains it.")
  private String filter = "";

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      defaultValue = "",
      description = "The same as an option, as `instances` takes its own.")
  private String option = "";

  @Override
  public Integer call() throws CtlFault {
    Columns columns =
        new Columns()
            .text("HOST", "host")
            .text("APP", "app")
            .text("SERVICE", "service")
            .text("PORTS", "ports")
            .number("INSTANCES", "instances")
            .number("STARTED", "started");
    return main.ask(
        "/routes",
        Map.of("filter", filter.isEmpty() ? option : filter),
        (answer, out) -> {
          columns.print(out, "", "routes", answer.path("routes"));
          Cut.tell(answer, out);
        });
  }
}
