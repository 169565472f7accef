package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `proxyctl instances`.
@Command(
    name = "instances",
    description = {
      "App instances as this process sees them, with its own load on them.",
      "Who waits at an instance, and how long it takes to answer, only its worker knows."
    })
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
            .number("QUEUED", "queued")
            .madeNumber("LATENCY", InstancesCommand::latency)
            .number("GENERATION", "generation")
            .text("WHY", "detail");
    return main.ask(
        "/instances",
        Map.of("app", app),
        (answer, out) -> {
          columns.print(out, "", "instances", answer.path("instances"));
          Cut.tell(answer, out);
        });
  }

  /// To the head of the answer.
  private static String latency(JsonNode row) {
    JsonNode micros = row.path("latency_us");
    return micros.isNumber() ? String.format(Locale.ROOT, "%.1fms", micros.asLong() / 1000.0) : "-";
  }
}
