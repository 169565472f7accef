package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl quarantine show`.
@Command(
    name = "show",
    description = "All that is known of an entry: why, where it hung, and what it says.")
final class QuarantineShowCommand implements Callable<Integer> {
  @ParentCommand private QuarantineCommand parent;

  @Parameters(paramLabel = "HASH", description = "Or as much of it as no other one begins with.")
  private String hash;

  @Override
  public Integer call() throws CtlFault {
    return parent.main().ask("/quarantine/show", Map.of("hash", hash), QuarantineShowCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    boolean kept = answer.path("entry").isObject();
    JsonNode entry = kept ? answer.path("entry") : answer.path("held");
    line(out, "hash", entry.path("hash").asText());
    line(out, "row", entry.path("table").asText() + " " + entry.path("key").asText());
    line(out, "is", kept ? "in quarantine" : "waiting: " + entry.path("why").asText());
    if (kept) {
      line(out, "stage", entry.path("stage").asText());
    }
    line(out, "reason", entry.path("reason").asText());
    line(out, "since", time(entry, "since_ms", "age_ms", " ago"));
    line(
        out,
        "until",
        entry.path("until_ms").isNumber() ? time(entry, "until_ms", "left_ms", " left") : "?");
    if (kept) {
      line(
          out,
          "serves",
          entry.path("previous_serves").asBoolean() ? "the version before" : "nothing of this row");
    }
    part(out, "where it was", answer.path("detail").asText());
    if (answer.path("document").isNull()) {
      out.println("what it says is not known any more");
    } else {
      part(out, "what it says", answer.path("document").asText());
    }
  }

  private static String time(JsonNode entry, String at, String length, String word) {
    return ShownRow.time(entry.path(at)) + ", " + Columns.age(entry.path(length)) + word;
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf("%-7s %s%n", name, Printable.of(value));
  }

  private static void part(PrintWriter out, String name, String text) {
    if (!text.isEmpty()) {
      out.println(name + ":");
      text.lines().forEach(line -> out.println("  " + Printable.of(line.replace("\t", "    "))));
    }
  }
}
