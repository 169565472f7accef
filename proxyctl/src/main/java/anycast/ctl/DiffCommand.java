package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl diff`.
@Command(name = "diff", description = "Rows that differ between two versions of the routing table.")
final class DiffCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(index = "0", paramLabel = "A", description = "A version of proxyctl snapshots.")
  private String a;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "B",
      defaultValue = "now",
      description = "Another one, or now. Default: ${DEFAULT-VALUE}.")
  private String b = "now";

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "200",
      description = "How many at most. Default: ${DEFAULT-VALUE}.")
  private String limit = "200";

  @Override
  public Integer call() throws CtlFault {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("a", a);
    query.put("b", b);
    query.put("limit", limit);
    return main.ask("/diff", query, DiffCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    out.printf(
        "from version %s to %s: %s rows differ%n",
        answer.path("a").asText(), answer.path("b").asText(), answer.path("total").asText());
    if (answer.path("total").asLong() == 0) {
      return;
    }
    new Columns()
        .text("TABLE", "table")
        .number("CAME", "came")
        .number("WENT", "went")
        .number("CHANGED", "changed")
        .print(out, "  ", "tables", answer.path("tables"));
    new Columns()
        .text("TABLE", "table")
        .text("ROW", "key")
        .made("CHANGE", ShownRow::change)
        .print(out, "", "rows", answer.path("rows"));
    Cut.tell(answer, out);
  }
}
