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
    JsonNode feeds = state.path("tables");
    out.printf(
        "version %s, %s%s%n",
        Printable.of(state.path("version").asText()),
        freshness(state.path("freshness")),
        lost(feeds));
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
        .madeNumber("RETAINED", feed -> feed.path("retained").path("rows").asText("-"))
        .number("RESNAPSHOTS", "resnapshots")
        .text("AGENT", "agent")
        .print(out, "  ", "feeds", feeds);
    FeedTroubles.show(feeds, out);
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
    onDisk(state.path("on_disk"), state.path("version"), out);
    AuditCommand.show(state.path("audit"), out);
  }

  private static String lost(JsonNode feeds) {
    int lost = 0;
    for (JsonNode feed : feeds) {
      lost += feed.path("connected").asBoolean() ? 0 : 1;
    }
    return lost == 0
        ? ""
        : ", %d of %d feeds %s lost".formatted(lost, feeds.size(), lost == 1 ? "is" : "are");
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

  /// What the next start would begin with, where its source is away.
  private static void onDisk(JsonNode disk, JsonNode inForce, PrintWriter out) {
    if (!disk.isObject()) {
      return;
    }
    if (!disk.path("kept").asBoolean()) {
      out.println(
          "last-good: none is kept, a start waits for its sources; last_good.directory in the"
              + " configuration changes that");
      return;
    }
    JsonNode status = disk.path("status");
    JsonNode saved = status.path("saved");
    status
        .path("begun")
        .path("problems")
        .forEach(
            found -> out.println("last-good: found at the start: " + Printable.of(found.asText())));
    out.println(
        disk.path("saved_age_ms").isNumber()
            ? "last-good: version %s%s is on disk, %s rows, saved %s ago"
                .formatted(
                    Printable.of(saved.path("version").asText()),
                    saved.path("version").equals(inForce) ? ", the one in force," : "",
                    Printable.of(saved.path("entities").asText()),
                    Columns.age(disk.path("saved_age_ms")))
            : "last-good: this process has not saved any yet");
    if (status.path("failures").asLong() > 0) {
      String why = status.path("last_failure").asText();
      out.printf(
          "last-good: %s savings failed%s%n",
          Printable.of(status.path("failures").asText()),
          why.isEmpty() ? ", the last one did not" : "; the last one: " + Printable.of(why));
    }
  }
}
