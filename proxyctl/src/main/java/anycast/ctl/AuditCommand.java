package anycast.ctl;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `proxyctl audit`.
@Command(
    name = "audit",
    description = {
      "Compares the routing table with a fresh reading of its sources, and repairs it.",
      "proxyctl state shows the last report."
    })
final class AuditCommand implements Callable<Integer> {
  /// An audit of a small fleet takes a tenth of a second.
  private static final long LOOK_MILLIS = 200;

  private static final Ticker CLOCK = Ticker.system();

  @ParentCommand private Main main;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      arity = "0..1",
      fallbackValue = "1m",
      description = "Waits for the report, a minute unless TIME is given.")
  private Duration patience;

  @Override
  public Integer call() throws CtlFault {
    return main.ask(this::ask, patience == null ? AuditCommand::begun : AuditCommand::ended);
  }

  private JsonNode ask(Peer peer) throws CtlFault {
    JsonNode answer = peer.post("/audit", Map.of());
    if (patience == null) {
      return answer;
    }
    long untilNanos = CLOCK.nanos() + patience.toNanos();
    while (answer.path("running").asBoolean()) {
      if (CLOCK.nanos() - untilNanos > 0) {
        throw new CtlFault(
            peer.socket()
                + ": the audit has not ended within "
                + Durations.show(patience)
                + "; proxyctl state shows whether its sources are connected");
      }
      pause();
      answer = peer.get("/audit", Map.of());
    }
    return answer;
  }

  private static void pause() throws CtlFault {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CtlFault("interrupted", e);
    }
  }

  private static void begun(JsonNode answer, PrintWriter out) {
    out.println("an audit has begun; proxyctl state shows its report, or proxyctl audit --wait");
  }

  private static void ended(JsonNode answer, PrintWriter out) {
    show(answer.path("last"), out);
  }

  private static String found(JsonNode audit) {
    long differences = audit.path("differences").asLong();
    int compared = 0;
    for (JsonNode table : audit.path("tables")) {
      compared += table.path("not_compared").asText().isEmpty() ? 1 : 0;
    }
    return compared == 0
        ? "nothing could be compared"
        : (differences == 0
                ? "no difference"
                : differences + (differences == 1 ? " difference" : " differences"))
            + " in "
            + compared
            + " tables";
  }

  /// Shows a report.
  static void show(JsonNode audit, PrintWriter out) {
    if (!audit.isObject()) {
      out.println("audit: none has ended yet");
      return;
    }
    out.printf(
        "audit: %s ago, took %s, %s%n",
        Columns.age(audit.path("age_ms")), Columns.age(audit.path("took_ms")), found(audit));
    for (JsonNode table : audit.path("tables")) {
      String why = table.path("not_compared").asText();
      if (!why.isEmpty()) {
        out.printf(
            "  %s/%s was not compared: %s%n",
            Printable.of(table.path("source").asText()),
            Printable.of(table.path("table").asText()),
            Printable.of(why));
      }
    }
    if (audit.path("differences").asLong() > 0) {
      new Columns()
          .text("SOURCE", "source")
          .text("TABLE", "table")
          .number("ROWS", "rows")
          .number("MISSING", "missing")
          .number("GHOSTS", "ghosts")
          .number("DIFFERENT", "different")
          .number("REPAIRED", "repaired")
          .text("SNAPSHOT ANEW", "resnapshot")
          .print(out, "  ", "tables", audit.path("tables"));
      new Columns()
          .text("SOURCE", "source")
          .text("TABLE", "table")
          .text("ROW", "row")
          .text("IS", "kind")
          .text("IN", "where")
          .print(out, "  ", "differences", audit.path("named"));
    }
  }
}
