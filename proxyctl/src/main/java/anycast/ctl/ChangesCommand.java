package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `proxyctl changes`.
@Command(name = "changes", description = "What changed in the routing table, before and after.")
final class ChangesCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "15m",
      description = "How far back: 90s, 15m, 1h. Default: ${DEFAULT-VALUE}.")
  private String since = "15m";

  @Option(
      names = "--host",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Only what concerns a host: its name, app, services, instances, certificate.")
  private String host = "";

  @Option(
      names = "--table",
      paramLabel = "TABLE",
      defaultValue = "",
      description = "Only rows of one table.")
  private String table = "";

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "200",
      description = "How many at most, the newest. Default: ${DEFAULT-VALUE}.")
  private String limit = "200";

  @Override
  public Integer call() throws CtlFault {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("since", since);
    query.put("host", host);
    query.put("table", table);
    query.put("limit", limit);
    return main.ask("/changes", query, ChangesCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    if (!answer.path("complete").asBoolean()) {
      out.println(
          "changes before " + ShownRow.time(answer.path("complete_since_ms")) + " are not known");
    }
    if (answer.path("cut").asBoolean()) {
      out.printf(
          "the newest %d of %d changes:%n",
          answer.path("changes").size(), answer.path("total").asLong());
    }
    new Columns()
        .made("TIME", row -> ShownRow.time(row.path("at_ms")))
        .number("VERSION", "version")
        .text("CAUSE", "cause")
        .text("TABLE", "table")
        .text("ROW", "key")
        .made("CHANGE", ShownRow::change)
        .print(out, "", "changes", answer.path("changes"));
  }
}
