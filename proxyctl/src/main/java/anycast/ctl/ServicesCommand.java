package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl services`.
@Command(
    name = "services",
    description = "What a supervisor (proxyctl supervise) keeps running, and how it fares.")
final class ServicesCommand implements Callable<Integer> {
  private static final Columns COLUMNS =
      new Columns()
          .text("SERVICE", "name")
          .text("STATE", "state")
          .age("SINCE", "since_ms")
          .number("PID", "pid")
          .number("RESTARTS", "restarts")
          .made("SOCKETS", ServicesCommand::sockets)
          .made("LAST END", ServicesCommand::lastEnd)
          .text("STATUS", "status");

  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    return main.ask("/services", Map.of(), ServicesCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    COLUMNS.print(out, "", "services", answer.path("services"));
  }

  private static String sockets(JsonNode row) {
    List<String> sockets = new ArrayList<>();
    row.path("sockets")
        .forEach(socket ->
            sockets.add(socket.path("name").asText() + "=" + socket.path("address").asText()));
    return sockets.isEmpty() ? "-" : String.join(" ", sockets);
  }

  private static String lastEnd(JsonNode row) {
    JsonNode last = row.path("last_end");
    if (!last.isObject()) {
      return "-";
    }
    String reason = last.path("reason").asText();
    return last.path("how").asText()
        + (reason.isEmpty() ? "" : " (" + reason + ")")
        + ", "
        + Columns.age(last.path("age_ms"))
        + " ago";
  }

  @Command(name = "start", description = "Starts a service now, also one that waits for its turn.")
  int start(@Parameters(paramLabel = "NAME") String name) throws CtlFault {
    return order("/start", name);
  }

  @Command(
      name = "stop",
      description = "Stops a service by SIGTERM; its connections wait until it is started.")
  int stop(@Parameters(paramLabel = "NAME") String name) throws CtlFault {
    return order("/stop", name);
  }

  @Command(
      name = "restart",
      description = "Stops a service by SIGTERM, and starts it as soon as it is gone.")
  int restart(@Parameters(paramLabel = "NAME") String name) throws CtlFault {
    return order("/restart", name);
  }

  private int order(String page, String name) throws CtlFault {
    return main.tell(
        page,
        Map.of("service", name),
        (answer, out) ->
            out.println(
                Printable.of(answer.path("service").asText())
                    + ": "
                    + Printable.of(answer.path("state").asText())));
  }
}
