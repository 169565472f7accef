package anycast.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// One process that is asked, by its socket.
///
/// **Faults.** `CtlFault` where it does not answer within the deadline, or says no.
record Peer(Path socket, Duration timeout) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Reads a page.
  JsonNode get(String page, Map<String, String> query) throws CtlFault {
    return parse(text("GET", page, query));
  }

  /// Asks for something to be done.
  JsonNode post(String page, Map<String, String> query) throws CtlFault {
    return parse(text("POST", page, query));
  }

  String text(String method, String page, Map<String, String> query) throws CtlFault {
    AdminCall.Answer answer = new AdminCall(socket, timeout).ask(method, page, query);
    if (answer.status() == 404) {
      throw new CtlFault(
          socket
              + " does not know "
              + page.substring(1)
              + switch (page) {
                case "/explain" -> ": a worker plans no routes, ask an edge";
                case "/services", "/start", "/stop", "/restart" ->
                    ": a proxy is there; give --socket what the file of proxyctl supervise has as"
                        + " `socket`";
                default ->
                    ": it is older than this tool, or a supervisor, which answers proxyctl services"
                        + " only";
              });
    }
    if (answer.status() != 200) {
      throw new CtlFault(socket + ": " + parse(answer.body()).path("error").asText());
    }
    return answer.body();
  }

  private static JsonNode parse(String body) throws CtlFault {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new CtlFault("the answer is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
