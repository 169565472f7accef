package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl explain-last`.
@Command(
    name = "explain-last",
    description = {
      "What became of a request: what was asked, decided and tried, and how it ended.",
      "Give the sockets of edge and worker to see both sides."
    })
final class ExplainLastCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "ID",
      arity = "0..1",
      defaultValue = "",
      description = "The answer's fly-request-id. Without it: the newest that failed.")
  private String id = "";

  @Override
  public Integer call() throws CtlFault {
    return main.ask("/explain-last", Map.of("id", id), ExplainLastCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    JsonNode found = answer.path("found");
    if (found.isEmpty()) {
      String id = answer.path("id").asText();
      out.println(id.isEmpty() ? "no exchange failed" : "nothing is known of " + Printable.of(id));
      out.println(reach(answer));
    }
    for (JsonNode exchange : found) {
      tell(exchange, out);
    }
  }

  /// How far back it would be known.
  private static String reach(JsonNode answer) {
    String kept = "  " + answer.path("kept").asLong() + " exchanges are kept; ";
    JsonNode since = answer.path("faulty_since_ms");
    return since.isNumber()
        ? kept + "of those that failed or were tried again all since " + ShownRow.time(since)
        : kept + "all that failed or were tried again since the process started";
  }

  private static void tell(JsonNode exchange, PrintWriter out) {
    JsonNode asked = exchange.path("asked");
    out.printf("%s  ended %s%n", text(exchange, "id"), ShownRow.time(exchange.path("at_ms")));
    out.printf(
        "  asked    %s %s://%s%s%n",
        text(asked, "method"),
        asked.path("tls").asBoolean() ? "https" : "http",
        text(asked, "host"),
        text(asked, "path"));
    out.printf(
        "           by %s over HTTP/%s on port %d%n",
        text(asked, "client"), text(asked, "http_version"), asked.path("port").asInt());
    String rule = text(exchange, "rule");
    if (!rule.isEmpty()) {
      out.println("  rule     " + rule);
    }
    out.println("  decided  " + decided(exchange.path("decided")));
    int number = 1;
    for (JsonNode one : exchange.path("tries")) {
      out.printf(
          "  try %d    %s@%s  %s after %s: %s%n",
          number++,
          text(one, "instance"),
          text(one, "node"),
          text(one, "outcome"),
          millis(one.path("micros").asLong()),
          text(one, "sentence"));
    }
    JsonNode result = exchange.path("result");
    out.printf(
        "  in %d bytes, out %d bytes, %s%n",
        result.path("request_bytes").asLong(),
        result.path("response_bytes").asLong(),
        millis(result.path("total_us").asLong()));
    out.println("=> " + ending(result));
  }

  private static String decided(JsonNode candidates) {
    if (candidates.isEmpty()) {
      return "nobody to try";
    }
    StringBuilder line = new StringBuilder("to try");
    for (JsonNode each : candidates) {
      line.append(' ').append(Printable.of(each.asText()));
    }
    return line.toString();
  }

  private static String ending(JsonNode result) {
    int status = result.path("status").asInt();
    String shown = status == 0 ? "no answer" : Integer.toString(status);
    String code = text(result, "code");
    if (code.isEmpty()) {
      return shown;
    }
    String detail = text(result, "detail");
    return shown
        + " "
        + code
        + " "
        + text(result, "sentence")
        + (detail.isEmpty() ? "" : ": " + detail);
  }

  private static String millis(long micros) {
    return micros / 1000 + "." + micros % 1000 / 100 + "ms";
  }

  private static String text(JsonNode of, String name) {
    return Printable.of(of.path(name).asText());
  }
}
