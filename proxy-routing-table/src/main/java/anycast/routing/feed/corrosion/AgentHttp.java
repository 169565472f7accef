package anycast.routing.feed.corrosion;

import anycast.routing.feed.Legible;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The HTTP side of an agent: one client, its requests, and errors in words.
///
/// **Threading.** Any thread; opening blocks. **Ownership.** Holds the client's threads until
/// [#close]; an opened body is the caller's to close.
final class AgentHttp implements AutoCloseable {
  /// Agents are near; one that does not accept within that is as good as gone.
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /// An agent's first query may take 15 s before it gives up itself.
  private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(20);

  /// Enough of an error body for a sentence.
  private static final int ERROR_BYTES = 1024;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonFactory FACTORY = new JsonFactory();

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .executor(executor)
          .build();
  private final Optional<String> token;

  AgentHttp(Optional<String> token) {
    this.token = token;
  }

  /// Sends a request and waits for the head of its answer.
  ///
  /// @param body JSON to POST; empty = GET
  HttpResponse<InputStream> open(URI agent, String path, Optional<String> body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(agent.resolve(path));
    token.ifPresent(t -> request.header("authorization", "Bearer " + t));
    body.ifPresent(json ->
        request
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    try {
      return answer.get(OPEN_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer within " + OPEN_TIMEOUT.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    }
  }

  /// Reads an answer that is not the one hoped for, and closes it.
  static String refusal(HttpResponse<InputStream> answer) {
    int status = answer.statusCode();
    String said = "";
    try (InputStream in = answer.body()) {
      said = words(in.readNBytes(ERROR_BYTES));
    } catch (IOException e) {
      said = "its body was cut: " + e.getMessage();
    }
    String what = status == 401 ? "401, the bearer token is missing or wrong" : status + "";
    return Legible.text(said.isEmpty() ? what : what + ": " + said);
  }

  private static String words(byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      JsonNode error = json.path("error");
      for (JsonNode result : json.path("results")) {
        error = error.isMissingNode() ? result.path("error") : error;
      }
      if (error.isTextual()) {
        return error.asText();
      }
    } catch (IOException e) {
      // not JSON: shown as it is
    }
    return new String(body, StandardCharsets.UTF_8).strip();
  }

  /// `["SQL", [params]]`.
  static void write(JsonGenerator out, Statement statement) throws IOException {
    out.writeStartArray();
    out.writeString(statement.sql());
    out.writeStartArray();
    for (Object param : statement.params()) {
      anycast.routing.feed.CellJson.write(out, param);
    }
    out.writeEndArray();
    out.writeEndArray();
  }

  /// Builds a JSON text.
  static String json(JsonBody body) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(text)) {
      body.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  static JsonNode tree(byte[] body) throws JsonProcessingException, IOException {
    return JSON.readTree(body);
  }

  /// Writes a JSON text.
  interface JsonBody {
    void write(JsonGenerator out) throws IOException;
  }

  @Override
  public void close() {
    client.shutdownNow();
    executor.shutdownNow();
  }
}
