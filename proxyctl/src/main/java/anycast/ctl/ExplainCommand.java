package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl explain`.
@Command(
    name = "explain",
    description = "What would happen to a request now and why, stage by stage.")
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(paramLabel = "URL", description = "e.g. https://hello.example.com/path")
  private String url;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "GET",
      description = "The request's method. Default: ${DEFAULT-VALUE}.")
  private String method = "GET";

  @Option(
      names = {"--header", "-H"},
      paramLabel = "'NAME: VALUE'",
      description = "A header of the request; may be given again. Cookies are one, too.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = "--at",
      paramLabel = "VERSION",
      defaultValue = "",
      description = "What would have happened then; proxyctl snapshots lists what is kept.")
  private String at = "";

  @Override
  public Integer call() throws CtlFault {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("url", url);
    query.put("method", method);
    for (String header : headers) {
      if (header.indexOf(':') < 1 || header.lines().count() != 1) {
        throw new CtlFault("--header wants 'name: value', got '" + header + "'");
      }
    }
    if (!headers.isEmpty()) {
      query.put("headers", String.join("\n", headers));
    }
    if (!at.isEmpty()) {
      query.put("at", at);
    }
    return main.ask("/explain", query, ExplainCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    out.println(Printable.of(answer.path("url").asText()));
    for (JsonNode stage : answer.path("stages")) {
      out.printf(
          "  %-4s %-12s %s%n",
          stage.path("ok").asBoolean() ? "ok" : "NO",
          Printable.of(stage.path("stage").asText()),
          Printable.of(stage.path("detail").asText()));
    }
    out.println("=> " + Printable.of(answer.path("result").asText()));
  }
}
