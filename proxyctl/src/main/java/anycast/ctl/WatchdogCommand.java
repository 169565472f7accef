package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `proxyctl watchdog`.
@Command(
    name = "watchdog",
    description = {
      "Threads that are watched: when each came round last, how much of the time since is its own",
      "doing, how often it stood still, and where it stood in its last stall."
    })
final class WatchdogCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    return main.ask("/watchdog", Map.of(), WatchdogCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    out.println(
        "action "
            + Printable.of(answer.path("action").asText())
            + ", "
            + answer.path("ticks").asLong()
            + " looks, "
            + answer.path("late_ticks").asLong()
            + " of them late, "
            + answer.path("lost_ms").asLong()
            + " ms lost");
    out.println(canary(answer.path("canary")));
    new Columns()
        .text("THREAD", "name")
        .text("STATE", "state")
        .number("BEATS", "beats")
        .age("AGE", "age_ms")
        .age("OWN", "blame_ms")
        .age("STARVED", "starved_ms")
        .number("STALLS", "stalls")
        .age("LAST STALL", "last_stall_ms")
        .print(out, "", "threads", answer.path("threads"));
    for (JsonNode thread : answer.path("threads")) {
      if (!thread.path("sample").isEmpty()) {
        out.println();
        out.println(
            Printable.of(thread.path("name").asText())
                + " stood, "
                + thread.path("sample_age_ms").asLong()
                + " ms ago, at");
        thread.path("sample").forEach(frame -> out.println("  " + Printable.of(frame.asText())));
      }
    }
  }

  /// How the process's requests to itself went.
  private static String canary(JsonNode canary) {
    String error = canary.path("error").asText();
    return (canary.path("age_ms").isNumber()
            ? "canary came back " + canary.path("age_ms").asLong() + " ms ago"
            : "no canary has come back")
        + ", "
        + canary.path("failures").asLong()
        + " failed"
        + (error.isEmpty() ? "" : ": " + Printable.of(error));
  }
}
