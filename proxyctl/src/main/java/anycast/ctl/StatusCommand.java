package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `proxyctl status`.
@Command(
    name = "status",
    description = "Who the process is, whether it serves, where its state comes from.")
final class StatusCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    return main.ask("/status", Map.of(), StatusCommand::show);
  }

  private static void show(JsonNode status, PrintWriter out) {
    JsonNode process = status.path("process");
    out.printf(
        "%s %s in %s, pid %s, version %s, up %s%n",
        word(process, "role"),
        word(process, "node"),
        word(process, "region"),
        word(process, "pid"),
        word(process, "version"),
        Durations.show(Duration.ofSeconds(process.path("uptime_s").asLong())));
    if (status.path("ready").asBoolean()) {
      out.println("ready");
    } else {
      out.println("NOT READY");
      status.path("reasons").forEach(why -> out.println("  " + Printable.of(why.asText())));
    }
    JsonNode exchanges = status.path("exchanges");
    out.printf(
        "exchanges: %s in flight, %s begun, %s failed%n",
        word(exchanges, "in_flight"), word(exchanges, "total"), word(exchanges, "failed"));
    JsonNode table = status.path("table");
    out.printf(
        "table version %s: %s apps, %s services, %s hostnames, %s instances, %s nodes,"
            + " %s certificates, %s virtual services, %s cordons%n",
        word(table, "version"),
        word(table, "apps"),
        word(table, "services"),
        word(table, "hostnames"),
        word(table, "instances"),
        word(table, "nodes"),
        word(table, "certificates"),
        word(table, "virtual_services"),
        word(table, "cordons"));
    state(status.path("state"), out);
    quarantine(status.path("quarantine"), out);
    out.println("listeners:");
    new Columns()
        .text("NAME", "name")
        .text("ADDRESS", "address")
        .number("PORT", "port")
        .text("TLS", "tls")
        .print(out, "  ", "listeners", status.path("listeners"));
    out.println("sources:");
    new Columns()
        .text("TABLE", "table")
        .text("CONNECTED", "connected")
        .number("WATERMARK", "watermark")
        .number("ROWS", "rows")
        .number("SKIPPED", "skipped")
        .age("LAST EVENT", "age_ms")
        .text("SOURCE", "source")
        .print(out, "  ", "sources", status.path("sources"));
    unused(status, out);
  }

  /// Rows and labels that are not in force; none, mostly.
  private static void unused(JsonNode status, PrintWriter out) {
    if (!status.path("skipped").isEmpty()) {
      out.println("rows of state that could not be used:");
      new Columns()
          .text("TABLE", "table")
          .text("ROW", "row")
          .text("REASON", "reason")
          .print(out, "  ", "rows", status.path("skipped"));
    }
    RoutesCommand.labels(status.path("labels"), out);
  }

  /// What is noteworthy of state: nothing, mostly.
  private static void state(JsonNode state, PrintWriter out) {
    JsonNode fresh = state.path("freshness");
    if (fresh.path("verdict").asText().equals("stale")) {
      out.println(
          "state is "
              + Columns.age(fresh.path("age_ms"))
              + " old, and no peer is known to be fresher");
    }
    if (state.path("retained").asInt() > 0) {
      out.printf(
          "retained: %s rows that no stream vouches for, see proxyctl state%n",
          word(state, "retained"));
    }
    JsonNode lastGood = state.path("last_good");
    if (lastGood.path("serves").asBoolean()) {
      out.printf(
          "last-good: serves %s rows from disk, saved %s ago, that no source has confirmed yet%n",
          word(lastGood, "entities"), Columns.age(lastGood.path("age_ms")));
    }
    JsonNode audit = state.path("audit");
    if (audit.path("differences").asLong() > 0) {
      out.printf(
          "last audit: %s ago, %s differences, see proxyctl state%n",
          Columns.age(audit.path("age_ms")), word(audit, "differences"));
    }
  }

  private static void quarantine(JsonNode line, PrintWriter out) {
    if (!line.isObject()) {
      return; // of a process that is older than quarantine
    }
    long entries = line.path("entries").asLong();
    StringBuilder named = new StringBuilder();
    for (JsonNode one : line.path("named")) {
      named.append(named.isEmpty() ? " (" : "; ");
      named.append(one.path("table").asText()).append(' ').append(one.path("key").asText());
      named.append(": ").append(ShownRow.cell(one.path("reason").asText()));
    }
    if (!named.isEmpty()) {
      named.append(entries > line.path("named").size() ? "; ...)" : ")");
    }
    out.println(
        Printable.of(
            "quarantine: "
                + entries
                + (entries == 1 ? " entry" : " entries")
                + named
                + ", "
                + line.path("held").asLong()
                + " held, journal "
                + line.path("journal").asText()));
  }

  private static String word(JsonNode block, String key) {
    String text = block.path(key).asText();
    return text.isEmpty() ? "?" : Printable.of(text);
  }
}
