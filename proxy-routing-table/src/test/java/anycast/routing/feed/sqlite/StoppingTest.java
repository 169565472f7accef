package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.time.Ticker;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests that meet a store which stops.
final class StoppingTest {
  @TempDir Path directory;

  private static HttpMessage post(String path, String body) {
    return new HttpMessage(
        "POST",
        path,
        Map.of(),
        Map.of("content-type", "application/json"),
        body.getBytes(StandardCharsets.UTF_8),
        true);
  }

  private static void assertRefused(StateApi api, HttpMessage request) throws Exception {
    Reply.Whole reply = assertInstanceOf(Reply.Whole.class, api.answer(request));
    assertEquals(503, reply.status());
    String said = new String(reply.body(), StandardCharsets.UTF_8);
    assertTrue(said.contains("stopping"), said);
  }

  @Test
  void requestThatComesTooLateIsRefusedAndNotABug() throws Exception {
    Ticker ticker = Ticker.system();
    StateStore store = StateStore.open(directory.resolve("state.db"), ticker);
    ServerSettings settings = ServerSettings.of(new InetSocketAddress("127.0.0.1", 0));
    try (Matching matching = new Matching(store, ticker, settings)) {
      matching.start();
      StateApi api = new StateApi(store, matching, settings, ticker);
      api.close();

      assertRefused(
          api, post("/v1/transactions", "[\"INSERT INTO apps (name, gen) VALUES ('a', 1)\"]"));
      assertRefused(api, post("/v1/queries", "\"SELECT name FROM apps\""));
      assertRefused(api, post("/v1/table_stats", "{\"tables\":[\"apps\"]}"));
    } finally {
      store.close();
    }
  }
}
