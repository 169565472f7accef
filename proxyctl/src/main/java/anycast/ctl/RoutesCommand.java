package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl routes`.
@Command(
    name = "routes",
    description = "Hosts with the services behind them, and the rules of virtual services.")
final class RoutesCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "FILTER",
      arity = "0..1",
      defaultValue = "",
      description = "Only where host, app, service or virtual service contains it.")
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
    Columns rules =
        new Columns()
            .text("HOST", "host")
            .text("VIRTUAL SERVICE", "virtual_service")
            .text("RULE", "rule")
            .text("METHODS", "methods")
            .text("PATH", "path")
            .text("ALSO", "also")
            .text("TO", "to");
    return main.ask(
        "/routes",
        Map.of("filter", filter.isEmpty() ? option : filter),
        (answer, out) -> {
          columns.print(out, "", "routes", answer.path("routes"));
          if (!answer.path("rules").isEmpty()) {
            out.println("rules of virtual services, in the order in which they are tried:");
            rules.print(out, "", "rules", answer.path("rules"));
          }
          labels(answer.path("labels"), out);
          Cut.tell(answer, out);
        });
  }

  /// What is wrong with labels; nothing, mostly.
  static void labels(JsonNode labels, PrintWriter out) {
    int instances = labels.path("instances").asInt();
    if (instances == 0) {
      return;
    }
    out.println("labels of instances that could not be used for routing:");
    labels.path("problems").forEach(problem -> out.println("  " + Printable.of(problem.asText())));
    int more = instances - labels.path("problems").size();
    if (more > 0) {
      out.println("  and " + more + " more");
    }
  }
}
