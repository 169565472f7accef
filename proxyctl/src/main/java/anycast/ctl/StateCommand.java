package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `proxyctl state`.
@Command(
    name = "state",
    description = "Where the routing table comes from, how old it is, and what is wrong with it.",
    subcommands = {
      StateBackupCommand.class,
      StateRestoreCommand.class,
      StateCheckCommand.class,
      StateMoveCommand.class
    })
final class StateCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    return main.ask("/state", Map.of(), StateCommand::show);
  }

  private static void show(JsonNode state, PrintWriter out) {
    out.printf(
        "version %s, %s%n", state.path("version").asText(), freshness(state.path("freshness")));
    out.println("sources:");
    new Columns()
        .text("SOURCE", "source")
        .age("LAST BEAT", "beat_age_ms")
        .number("REOPENED", "reopened")
        .print(out, "  ", "sources", state.path("sources"));
    out.println("feeds:");
    new Columns()
        .text("SOURCE", "source")
        .text("TABLE", "table")
        .text("CONNECTED", "connected")
        .number("WATERMARK", "watermark")
        .age("LAST EVENT", "age_ms")
        .number("ROWS", "rows")
        .number("SKIPPED", "skipped")
        .made("RETAINED", feed -> feed.path("retained").path("rows").asText("-"))
        .number("RESNAPSHOTS", "resnapshots")
        .text("AGENT", "agent")
        .print(out, "  ", "feeds", state.path("tables"));
    state.path("tables").forEach(feed -> troubles(feed, out));
    skipped(state.path("skipped"), out);
    out.println("nodes:");
    new Columns()
        .text("NODE", "node")
        .text("SOURCE", "source")
        .number("BEAT", "seq")
        .age("LAST BEAT", "age_ms")
        .age("ITS OWN STATE WAS", "told_age_ms")
        .print(out, "  ", "nodes", state.path("origins"));
    lastGood(state.path("last_good"), out);
    AuditCommand.show(state.path("audit"), out);
  }

  static String freshness(JsonNode fresh) {
    String age = Columns.age(fresh.path("age_ms"));
    return switch (fresh.path("verdict").asText()) {
      case "fresh" -> "state is fresh, " + age + " old";
      case "behind" ->
          "NOT READY: state is "
              + age
              + " old, "
              + Printable.of(fresh.path("peer").asText())
              + " has it "
              + Columns.age(fresh.path("peer_age_ms"))
              + " old";
      default -> "state is " + age + " old, and no peer is known to be fresher";
    };
  }

  private static void troubles(JsonNode feed, PrintWriter out) {
    String name = Printable.of(feed.path("source").asText() + "/" + feed.path("table").asText());
    String last = feed.path("last_loss").asText();
    if (!feed.path("connected").asBoolean() && !last.isEmpty()) {
      out.println(name + " is lost: " + Printable.of(last));
    }
    JsonNode retained = feed.path("retained");
    if (retained.isObject()) {
      out.printf(
          "%s: %s rows are in force that no stream vouches for, for %s: %s%n",
          name,
          retained.path("rows").asText(),
          Columns.age(retained.path("age_ms")),
          Printable.of(retained.path("why").asText()));
      if (retained.path("goes_in_ms").isNumber()) {
        out.printf(
            "  they go with a snapshot that lacks them, in %s or later;"
                + " at once: proxyctl accept %s --source %s%n",
            Columns.age(retained.path("goes_in_ms")),
            Printable.of(feed.path("table").asText()),
            Printable.of(feed.path("source").asText()));
      } else {
        out.println("  the feed's first snapshot decides");
      }
    }
    for (JsonNode reason : feed.path("reasons")) {
      out.printf(
          "%s: snapshot anew %s ago: %s%n",
          name, Columns.age(reason.path("age_ms")), Printable.of(reason.path("reason").asText()));
    }
  }

  private static void skipped(JsonNode rows, PrintWriter out) {
    if (rows.isEmpty()) {
      return;
    }
    out.println("rows of state that could not be used:");
    new Columns()
        .text("SOURCE", "source")
        .text("TABLE", "table")
        .text("ROW", "row")
        .text("PREVIOUS SERVES", "previous_serves")
        .text("REASON", "reason")
        .print(out, "  ", "rows", rows);
  }

  private static void lastGood(JsonNode read, PrintWriter out) {
    if (read.isObject()) {
      out.printf(
          "last-good: %s rows were read from disk, saved %s ago; %s%n",
          read.path("entities").asText(),
          Columns.age(read.path("age_ms")),
          read.path("serves").asBoolean()
              ? "no source has confirmed all of them yet"
              : "sources have spoken since");
    }
  }
}
