package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a signal leaves of subscriptions.
@Timeout(120)
final class ProcessRestartTest {
  @TempDir Path directory;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<StoreProcess> started = new ArrayList<>();
  private URI uri;

  @AfterEach
  void stop() {
    http.shutdownNow();
    started.forEach(StoreProcess::close);
  }

  private StoreProcess serve() throws Exception {
    StoreProcess store = StoreProcess.serving(directory, directory.resolve("state.db"));
    started.add(store);
    uri = store.uri();
    return store;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri.resolve(path)).header("content-type", "application/json");
  }

  private HttpResponse<InputStream> post(String path, String body) throws Exception {
    return http.send(
        request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  private void write(String name) throws Exception {
    try (InputStream answer =
        post("/v1/transactions", "[\"INSERT INTO apps (name) VALUES ('" + name + "')\"]").body()) {
      String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(text.contains("rows_affected"), text);
    }
  }

  private interface Ending {
    void of(StoreProcess store) throws Exception;
  }

  /// Follows, sees one change, and has the process end while it streams.
  private String followedUntil(Ending ending, boolean cleanly) throws Exception {
    StoreProcess store = serve();
    HttpResponse<InputStream> answer = post("/v1/subscriptions", "\"SELECT name FROM apps\"");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      lines.readLine();
      lines.readLine();
      write("a");
      assertEquals("{\"change\":[\"insert\",1,[\"a\"],1]}", lines.readLine());
      ending.of(store);
      if (cleanly) {
        assertNull(lines.readLine(), "a clean end, no error line");
      }
    }
    return answer.headers().firstValue("corro-query-id").orElseThrow();
  }

  @Test
  void killedProcessForgetsItsSubscriptions() throws Exception {
    String id = followedUntil(StoreProcess::kill, false);
    serve();
    HttpResponse<Void> unknown =
        http.send(
            request("/v1/subscriptions/" + id + "?from=1").build(),
            HttpResponse.BodyHandlers.discarding());
    assertEquals(404, unknown.statusCode());
  }

  @Test
  void terminatedProcessGoesOnWithThem() throws Exception {
    String id = followedUntil(StoreProcess::terminate, true);
    serve();
    HttpResponse<InputStream> again =
        http.send(
            request("/v1/subscriptions/" + id + "?from=1").build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, again.statusCode());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(again.body(), StandardCharsets.UTF_8))) {
      write("b");
      assertEquals("{\"change\":[\"insert\",2,[\"b\"],2]}", lines.readLine());
    }
  }
}
