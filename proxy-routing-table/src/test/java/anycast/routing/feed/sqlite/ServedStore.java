package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.time.Ticker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/// A store on a real file and a real port, and a stranger's client of it.
final class ServedStore implements AutoCloseable {
  final StateStore store;
  final StateServer server;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  ServedStore(Path database, ServerSettings settings) throws Exception {
    store = StateStore.open(database, Ticker.system());
    server = StateServer.start(store, settings, Ticker.system());
  }

  static ServerSettings settings() {
    return ServerSettings.of(new InetSocketAddress("127.0.0.1", 0));
  }

  int port() {
    return server.uri().getPort();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.uri().resolve(path))
        .header("content-type", "application/json");
  }

  HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  private HttpRequest posting(String path, String body) {
    return request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build();
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return send(posting(path, body));
  }

  CompletableFuture<HttpResponse<String>> postLater(String path, String body) {
    return http.sendAsync(posting(path, body), HttpResponse.BodyHandlers.ofString());
  }

  /// Runs one statement, which must work.
  void write(String sql) throws Exception {
    HttpResponse<String> answer = post("/v1/transactions", "[\"" + sql + "\"]");
    assertEquals(200, answer.statusCode(), answer.body());
  }

  Follow follow(String sql) throws Exception {
    return new Follow(posting("/v1/subscriptions", "\"" + sql + "\""));
  }

  Follow updates(String table) throws Exception {
    return new Follow(posting("/v1/updates/" + table, ""));
  }

  Follow resume(String idAndQuery) throws Exception {
    return new Follow(request("/v1/subscriptions/" + idAndQuery).build());
  }

  /// A stream, line by line.
  final class Follow implements AutoCloseable {
    final HttpResponse<InputStream> answer;
    private final BufferedReader lines;

    private Follow(HttpRequest request) throws Exception {
      answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    int status() {
      return answer.statusCode();
    }

    String id() {
      return answer.headers().firstValue("corro-query-id").orElseThrow();
    }

    /// @return null = the stream ended cleanly Without the space that says that the next change
    ///   goes with this one.
    String next() throws IOException {
      String line = lines.readLine();
      return line == null ? null : line.stripTrailing();
    }

    void skip(int count) throws IOException {
      for (int i = 0; i < count; i++) {
        next();
      }
    }

    @Override
    public void close() throws IOException {
      answer.body().close();
    }
  }

  /// Ends in order.
  @Override
  public void close() {
    http.shutdownNow();
    server.close();
  }
}
