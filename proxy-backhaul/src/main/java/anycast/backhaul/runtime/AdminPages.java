package anycast.backhaul.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From a request's method and target to an answer; whatever goes wrong is JSON with a sentence.
///
/// **Threading.** Immutable; called on admin threads.
final class AdminPages {
  private static final Logger LOG = LoggerFactory.getLogger(AdminPages.class);

  /// `inFlight` of a record is `in_flight` in its JSON. ASCII alone goes out: a terminal that shows
  /// an answer is spoken to by nobody's row of state.
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private static final String JSON_TYPE = "application/json";

  /// Parameters of one query: ours have two.
  private static final int MAX_PARAMETERS = 32;

  private final Map<String, AdminAnswer> answers;

  AdminPages(Map<String, AdminAnswer> answers) {
    this.answers = Map.copyOf(answers);
  }

  /// What goes back.
  record Page(HttpResponseStatus status, String contentType, byte[] body) {}

  Page page(HttpMethod method, String target) {
    try {
      QueryStringDecoder decoder =
          new QueryStringDecoder(target, StandardCharsets.UTF_8, true, MAX_PARAMETERS);
      boolean reads = method.equals(HttpMethod.GET);
      String page = decoder.path();
      AdminAnswer answer = answers.get(reads ? page : method.name() + " " + page);
      if (answer == null && (answers.containsKey(page) || answers.containsKey("POST " + page))) {
        return sentence(
            HttpResponseStatus.METHOD_NOT_ALLOWED,
            reads ? "wants POST: it does something" : "only " + methods(page) + " is answered");
      }
      if (answer == null) {
        return sentence(
            HttpResponseStatus.NOT_FOUND,
            "no such page; there are " + String.join(" ", new TreeSet<>(answers.keySet())));
      }
      Map<String, String> query = new LinkedHashMap<>();
      decoder.parameters().forEach((name, values) -> query.put(name, values.getFirst()));
      return answered(answer.answer(query));
    } catch (IllegalArgumentException e) {
      return sentence(HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (AdminAnswer.Unavailable e) {
      return sentence(HttpResponseStatus.SERVICE_UNAVAILABLE, e.getMessage());
    } catch (Exception | StackOverflowError | LinkageError e) {
      // A broken answer is told to who asked and to the log; the other pages go on.
      LOG.warn("admin page {} failed", LogText.escape(target), e);
      return sentence(HttpResponseStatus.INTERNAL_SERVER_ERROR, "the answer failed: " + e);
    }
  }

  private String methods(String page) {
    return !answers.containsKey(page)
        ? "POST"
        : answers.containsKey("POST " + page) ? "GET or POST" : "GET";
  }

  static Page sentence(HttpResponseStatus status, String sentence) {
    try {
      return new Page(status, JSON_TYPE, JSON.writeValueAsBytes(Map.of("error", sentence)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of one text is always JSON", e);
    }
  }

  private static Page answered(Object answer) throws JsonProcessingException {
    return answer instanceof AdminAnswer.Text text
        ? new Page(
            HttpResponseStatus.OK, text.contentType(), text.body().getBytes(StandardCharsets.UTF_8))
        : new Page(HttpResponseStatus.OK, JSON_TYPE, JSON.writeValueAsBytes(answer));
  }
}
