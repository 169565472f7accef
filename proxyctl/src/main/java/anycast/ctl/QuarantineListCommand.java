package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl quarantine list`.
@Command(
    name = "list",
    description = {
      "What each process keeps out of force, and what waits for its turn; why, and until when.",
      "With --state or --fleet: what all nodes say in state that they keep out."
    })
final class QuarantineListCommand implements Callable<Integer> {
  /// Lines of a terminal; `--json` has more.
  private static final int MOST_SHOWN = 200;

  /// A page of ours has as many rows.
  private static final int MOST_TOLD = 10_000;

  @Spec private CommandSpec spec;

  @ParentCommand private QuarantineCommand parent;

  @Mixin private StateOption state;

  @Option(names = "--fleet", description = "Asks state, not processes.")
  private boolean fleet;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    if (fleet || spec.commandLine().getParseResult().hasMatchedOption("--state")) {
      return fleet();
    }
    return parent.main().ask("/quarantine", Map.of(), QuarantineListCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    JsonNode entries = answer.path("entries");
    if (entries.isEmpty()) {
      out.println("nothing is in quarantine");
    } else {
      new Columns()
          .text("HASH", "brief")
          .text("TABLE", "table")
          .text("KEY", "key")
          .text("STAGE", "stage")
          .age("SINCE", "age_ms")
          .age("FOR", "left_ms")
          .made("SERVES", QuarantineListCommand::serves)
          .made("REASON", row -> ShownRow.cell(row.path("reason").asText()))
          .print(out, "", "entries", entries);
    }
    JsonNode held = answer.path("held");
    if (!held.isEmpty()) {
      out.println(answer.path("held_count").asText() + " waiting for their turn:");
      new Columns()
          .text("HASH", "brief")
          .text("TABLE", "table")
          .text("KEY", "key")
          .text("WHY", "why")
          .age("SINCE", "age_ms")
          .age("FOR", "left_ms")
          .made("REASON", row -> ShownRow.cell(row.path("reason").asText()))
          .print(out, "  ", "entries", held);
      if (held.size() < answer.path("held_count").asLong()) {
        out.println("  ... cut off");
      }
    }
    String journal = answer.path("journal").asText("?");
    out.println(
        "journal "
            + Printable.of(journal)
            + switch (journal) {
              case "ok" -> "";
              case "off" -> ": a restart forgets all this; admission.directory would keep it";
              default -> "; a restart forgets what came since";
            });
    answer.path("notes").forEach(note -> out.println(Printable.of(note.asText())));
  }

  /// What serves in its place.
  private static String serves(JsonNode row) {
    return row.path("previous_serves").asBoolean() ? "previous version" : "nothing";
  }

  private int fleet() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    KeptOut all;
    try (Ledger ledger = state.open()) {
      all = KeptOut.read(ledger);
    }
    List<KeptOut.Case> cases = all.cases();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = answer.putArray("entries");
    boolean json = parent.main().isJson();
    int most = json ? MOST_TOLD : MOST_SHOWN;
    KeptOut.json(cases.subList(0, Math.min(most, cases.size())), rows);
    answer.put("unreadable", all.unreadable());
    answer.put("cut", cases.size() > most);
    answer.put("total", cases.size());
    if (json) {
      out.println(Main.line(answer));
      return 0;
    }
    new Columns()
        .made("HASH", row -> row.path("hash").asText().substring(0, 8))
        .text("TABLE", "table")
        .text("KEY", "key")
        .number("NODES", "nodes")
        .number("UNKNOWN", "unknown_nodes")
        .text("STAGE", "stage")
        .made("SINCE", row -> ShownRow.time(row.path("since_ms").asLong()))
        .made("REASON", row -> ShownRow.cell(row.path("reason").asText()))
        .print(out, "", "entries are kept out by any node", rows);
    Cut.tell(answer, out);
    if (all.unreadable() > 0) {
      out.println(all.unreadable() + " rows of rejects cannot be read");
    }
    out.flush();
    return 0;
  }
}
