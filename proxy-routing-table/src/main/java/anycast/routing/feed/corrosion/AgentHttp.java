package anycast.routing.feed.corrosion;

import anycast.routing.feed.CellJson;
import anycast.routing.feed.Legible;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLException;

/// The HTTP side of agents: one client, its requests, and errors in words.
///
/// **Threading.** Any thread. **Ownership.** Holds the client's threads until [#close]; a call is
/// its caller's to close.
final class AgentHttp implements AutoCloseable {
  /// Agents are near; one that does not accept within that is as good as gone.
  static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);

  /// An agent's first query may take 15 s before it gives up itself.
  static final Duration HEAD_LIMIT = Duration.ofSeconds(20);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonFactory FACTORY = new JsonFactory();

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;
  private final Ticker ticker;
  private final Optional<String> token;
  private final Optional<String> endpoint;

  AgentHttp(CorrosionConfig config, Ticker ticker) {
    this.ticker = ticker;
    HttpClient.Builder made =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(executor);
    config.caFile().map(AgentTls::trusting).ifPresent(made::sslContext);
    client = made.build();
    token = config.token();
    endpoint = config.endpoint();
  }

  /// Sends a request.
  ///
  /// @param body JSON to POST; empty = GET
  AgentCall call(URI agent, String path, Optional<String> body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(agent.resolve(path));
    token.ifPresent(t -> request.header("authorization", "Bearer " + t));
    endpoint.ifPresent(name -> request.header("x-corrosion-requested-endpoint-name", name));
    body.ifPresent(json ->
        request
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
    AgentBody answer = new AgentBody();
    return new AgentCall(answer, client.sendAsync(request.build(), _ -> answer), ticker);
  }

  /// Subscribes to a statement.
  AgentCall subscribe(URI agent, Statement statement) {
    return call(agent, "/v1/subscriptions", Optional.of(json(out -> write(out, statement))));
  }

  /// Why an exchange failed, for a person.
  static String words(IOException e) {
    return switch (e) {
      case HttpConnectTimeoutException _ ->
          "cannot connect within " + CONNECT_LIMIT.toSeconds() + " s";
      case ConnectException _ when isCausedBy(e, UnresolvedAddressException.class) ->
          "cannot connect, nobody knows its name";
      case ConnectException _ -> "cannot connect";
      case SSLException _
          when isCausedBy(e, CertPathBuilderException.class)
              || isCausedBy(e, CertPathValidatorException.class) ->
          "its certificate does not descend from a CA that is trusted here";
      case SSLException _ -> "no TLS with it: " + e.getMessage();
      default -> {
        String words = e.getMessage() == null ? e.toString() : e.getMessage();
        // what the client says of a body that has no end
        yield words.startsWith("chunked transfer encoding") ? "the answer was torn" : words;
      }
    };
  }

  private static boolean isCausedBy(Throwable e, Class<? extends Exception> kind) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /// What an error body says, legibly.
  static String words(byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      JsonNode error = json.path("error");
      for (JsonNode result : json.path("results")) {
        error = error.isMissingNode() ? result.path("error") : error;
      }
      if (error.isTextual()) {
        return Legible.text(error.asText());
      }
    } catch (IOException e) {
      // not JSON: shown as it is
    }
    return Legible.text(new String(body, StandardCharsets.UTF_8).strip());
  }

  /// `["SQL", [params]]`.
  static void write(JsonGenerator out, Statement statement) throws IOException {
    out.writeStartArray();
    out.writeString(statement.sql());
    out.writeStartArray();
    for (Object param : statement.params()) {
      CellJson.write(out, param);
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

  static JsonNode tree(byte[] body) throws IOException {
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
