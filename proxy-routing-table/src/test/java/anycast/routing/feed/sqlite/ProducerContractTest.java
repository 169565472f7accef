package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a consumer that was written against an agent relies on, its faults first.
@Timeout(120)
final class ProducerContractTest {
  private static final String SQL = "SELECT name, gen FROM apps";

  @TempDir Path directory;

  private ServedStore serve(ServerSettings settings) throws Exception {
    return new ServedStore(directory.resolve("state.db"), settings);
  }

  private ServedStore serve() throws Exception {
    return serve(ServedStore.settings());
  }

  @Test
  void wrongTokenGetsNoWordOfExplanation() throws Exception {
    try (ServedStore served = serve(ServedStore.settings().withToken(Optional.of("secret")))) {
      for (String given : List.of("Bearer guess", "secret", "")) {
        HttpResponse<String> answer =
            served.send(served.request("/v1/health").header("authorization", given).build());
        assertEquals(401, answer.statusCode());
        assertEquals("", answer.body());
      }
      assertEquals(401, served.get("/v1/nowhere").statusCode());
      assertEquals(
          200,
          served
              .send(served.request("/v1/health").header("authorization", "Bearer secret").build())
              .statusCode());
    }
  }

  @Test
  void anotherEndpointThanTheNamedOneIsMisdirected() throws Exception {
    String field = "x-corrosion-requested-endpoint-name";
    try (ServedStore named = serve(ServedStore.settings().withEndpointName(Optional.of("fra")))) {
      HttpRequest wrong = named.request("/v1/health").header(field, "ams").build();
      assertEquals(421, named.send(wrong).statusCode());
      HttpRequest right = named.request("/v1/health").header(field, "fra").build();
      assertEquals(200, named.send(right).statusCode());
      assertEquals(200, named.get("/v1/health").statusCode());
    }
    try (ServedStore unnamed = serve()) {
      HttpRequest any = unnamed.request("/v1/health").header(field, "ams").build();
      assertEquals(200, unnamed.send(any).statusCode());
    }
  }

  @Test
  void unknownSubscriptionIsJsonWithATypeAndNoNewline() throws Exception {
    try (ServedStore served = serve()) {
      HttpResponse<String> unknown =
          served.get("/v1/subscriptions/00000000-0000-0000-0000-000000000001?from=1");
      assertEquals(404, unknown.statusCode());
      assertEquals("application/json", unknown.headers().firstValue("content-type").get());
      assertTrue(unknown.body().matches("\\{\"error\":\".*\"\\}"), unknown.body());
      HttpResponse<String> wrong = served.post("/v1/subscriptions", "\"SELECT x FROM nowhere\"");
      assertEquals(400, wrong.statusCode());
      assertTrue(wrong.headers().firstValue("content-type").isEmpty());
      assertTrue(wrong.body().endsWith("\"}\n"), wrong.body());
      HttpResponse<String> early = served.post("/v1/subscriptions?from=0", "\"" + SQL + "\"");
      assertEquals(400, early.statusCode());
    }
  }

  @Test
  void refusesWhatIsMalformedInTheRightWay() throws Exception {
    try (ServedStore served = serve()) {
      assertEquals(404, served.post("/v1/migrations", "[]").statusCode());
      assertEquals(405, served.get("/v1/transactions").statusCode());
      assertEquals(422, served.post("/v1/table_stats", "{\"names\":[]}").statusCode());
      assertEquals(400, served.post("/v1/table_stats", "{").statusCode());
      assertEquals(400, served.get("/v1/health?gaps=few").statusCode());
      assertEquals(400, served.post("/v1/queries?timeout=soon", "\"SELECT 1\"").statusCode());
      assertEquals(400, served.post("/v1/updates/nowhere", "").statusCode());
      assertEquals(400, served.get("/v1/subscriptions/no-uuid").statusCode());
      String id = "00000000-0000-0000-0000-000000000001";
      assertEquals(400, served.get("/v1/subscriptions/" + id + "?from=-1").statusCode());
      for (String path : List.of("/v1/transactions", "/v1/queries", "/v1/subscriptions")) {
        HttpRequest untyped =
            HttpRequest.newBuilder(served.server.uri().resolve(path))
                .POST(HttpRequest.BodyPublishers.ofString("\"SELECT 1\""))
                .build();
        assertEquals(415, served.send(untyped).statusCode(), path);
      }
    }
  }

  @Test
  void clientsOwnTimeLimitEndsAStatement() throws Exception {
    String endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) ";
    try (ServedStore served = serve()) {
      HttpResponse<String> query =
          served.post("/v1/queries?timeout=1", "\"" + endless + "SELECT max(i) FROM n\"");
      assertTrue(query.body().contains("{\"error\":"), query.body());
      assertFalse(query.body().contains("eoq"), query.body());
      HttpResponse<String> written =
          served.post(
              "/v1/transactions?timeout=1",
              "[\"" + endless + "INSERT INTO apps (name) SELECT max(i) FROM n\"]");
      assertEquals(500, written.statusCode(), written.body());
      served.write("INSERT INTO apps (name) VALUES ('a')");
      assertTrue(
          served.post("/v1/queries?timeout=0", "\"" + SQL + "\"").body().contains("[1,[\"a\",0]]"));
    }
  }

  @Test
  void moreRequestsThanTheLimitAreRefusedAndTheOthersServed() throws Exception {
    try (ServedStore served = serve()) {
      CountDownLatch hold = new CountDownLatch(1);
      served.store.onTouched(_ -> await(hold));
      AtomicInteger refused = new AtomicInteger();
      CountDownLatch twelve = new CountDownLatch(12);
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 140; i++) {
        CompletableFuture<HttpResponse<String>> answer =
            served.postLater(
                "/v1/transactions", "[\"INSERT INTO apps (name) VALUES ('a" + i + "')\"]");
        answer.thenAccept(a -> {
          if (a.statusCode() == 503) {
            assertEquals("max concurrency limit reached", a.body());
            refused.incrementAndGet();
            twelve.countDown();
          }
        });
        answers.add(answer);
      }
      assertTrue(twelve.await(30, TimeUnit.SECONDS));
      HttpResponse<String> health = served.get("/v1/health?max_queue=127");
      assertEquals(503, health.statusCode());
      assertTrue(health.body().contains("\"queue_size\":128"), health.body());
      hold.countDown();
      int done = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        done += answer.get(30, TimeUnit.SECONDS).statusCode() == 200 ? 1 : 0;
      }
      assertEquals(128, done);
      assertEquals(12, refused.get());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void tellsKeysThatWereTouchedAndNoMore() throws Exception {
    try (ServedStore served = serve()) {
      served.write("INSERT INTO instances (node, id) VALUES ('n1', 'i1'), ('n1', 'i2')");
      try (ServedStore.Follow updates = served.updates("instances")) {
        assertEquals(200, updates.status());
        assertTrue(updates.answer.headers().firstValue("corro-query-hash").isEmpty());
        assertEquals(404, served.get("/v1/subscriptions/" + updates.id()).statusCode());
        served.write("UPDATE instances SET gen = 1 WHERE id = 'i1'");
        assertEquals("{\"notify\":[\"update\",[\"n1\",\"i1\"]]}", updates.next());
        served.write("DELETE FROM instances WHERE id = 'i2'");
        assertEquals("{\"notify\":[\"delete\",[\"n1\",\"i2\"]]}", updates.next());
        served.write("INSERT INTO instances (node, id) VALUES ('n2', 'i3')");
        assertEquals("{\"notify\":[\"update\",[\"n2\",\"i3\"]]}", updates.next());
        // pushed out and put in again: it is there
        served.write("INSERT OR REPLACE INTO instances (node, id, gen) VALUES ('n2', 'i3', 7)");
        assertEquals("{\"notify\":[\"update\",[\"n2\",\"i3\"]]}", updates.next());
        served.write("UPDATE instances SET id = 'i4' WHERE id = 'i3'");
        assertEquals("{\"notify\":[\"update\",[\"n2\",\"i4\"]]}", updates.next());
        assertEquals("{\"notify\":[\"delete\",[\"n2\",\"i3\"]]}", updates.next());
      }
    }
  }

  @Test
  void manyRowsDoNotWaitUntilTheGatheringTimeIsOver() throws Exception {
    try (ServedStore served = serve(ServedStore.settings().withGather(Duration.ofSeconds(60)));
        ServedStore.Follow follow = served.follow(SQL)) {
      follow.skip(2);
      served.write(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
              + " INSERT INTO apps (name) SELECT 'a' || i FROM n");
      for (int i = 1; i <= 1000; i++) {
        assertTrue(follow.next().endsWith("," + i + "]}"));
      }
    }
  }

  @Test
  void commitsWithinTheGatheringTimeAreOneBatchAndOneChange() throws Exception {
    try (ServedStore served = serve(ServedStore.settings().withGather(Duration.ofSeconds(2)));
        ServedStore.Follow follow = served.follow(SQL)) {
      follow.skip(2);
      served.write("INSERT INTO apps (name, gen) VALUES ('a', 1)");
      served.write("UPDATE apps SET gen = 2");
      String line = follow.next();
      // on a machine that needs more than two seconds for an update they are two
      if (line.contains("[\"a\",1]")) {
        line = follow.next();
      }
      assertTrue(line.contains("[\"a\",2]"), line);
    }
  }

  @Test
  void readerThatReadsNothingIsCutWhileEveryWriteIsDone() throws Exception {
    try (ServedStore served = serve();
        Socket slow = new Socket()) {
      served.write(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
              + " INSERT INTO apps (name) SELECT hex(zeroblob(100)) || i FROM n");
      slow.setReceiveBufferSize(4096);
      slow.connect(new InetSocketAddress("127.0.0.1", served.port()));
      String body = "\"" + SQL + "\"";
      slow.getOutputStream()
          .write(
              ("POST /v1/subscriptions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                      + "content-length: %d\r\n\r\n%s")
                  .formatted(body.length(), body)
                  .getBytes(StandardCharsets.US_ASCII));
      slow.getInputStream().read();
      try (ServedStore.Follow quick = served.follow(SQL)) {
        quick.skip(1002);
        for (int gen = 1; gen <= 100; gen++) {
          served.write("UPDATE apps SET gen = " + gen);
          for (int i = 1; i <= 1000; i++) {
            assertTrue(quick.next().endsWith("," + ((gen - 1) * 1000 + i) + "]}"));
          }
        }
        assertEquals(1, served.server.subscriberCount());
      }
      String rest = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertFalse(rest.contains("error"), "no error line");
    }
  }

  @Test
  void closingTellsEverythingFirstAndThenEndsStreamsCleanly() throws Exception {
    ServedStore served = serve(ServedStore.settings().withGather(Duration.ofSeconds(60)));
    try (ServedStore.Follow follow = served.follow(SQL);
        ServedStore.Follow updates = served.updates("apps")) {
      follow.skip(2);
      served.write("INSERT INTO apps (name) VALUES ('last')");
      served.server.close();
      assertEquals("{\"change\":[\"insert\",1,[\"last\",0],1]}", follow.next());
      assertNull(follow.next());
      assertEquals("{\"notify\":[\"update\",[\"last\"]]}", updates.next());
      assertNull(updates.next());
    }
  }

  @Test
  void thousandSubscribersOfOneQueryGetEveryChange() throws Exception {
    List<RawFollow> readers = new ArrayList<>();
    try (ServedStore served = serve()) {
      served.write("INSERT INTO apps (name) VALUES ('a')");
      for (int i = 0; i < 1_000; i++) {
        readers.add(new RawFollow(served.port()));
      }
      assertEquals(1_000, served.server.subscriberCount());
      for (int gen = 1; gen <= 20; gen++) {
        served.write("UPDATE apps SET gen = " + gen);
      }
      for (RawFollow reader : readers) {
        reader.readUntilGeneration(20);
      }
    } finally {
      for (RawFollow reader : readers) {
        reader.socket.close();
      }
    }
  }

  /// A follower that is one socket and nothing else.
  private static final class RawFollow {
    final Socket socket;
    final BufferedReader lines;

    RawFollow(int port) throws IOException {
      socket = new Socket("127.0.0.1", port);
      String body = "\"" + SQL + "\"";
      socket
          .getOutputStream()
          .write(
              ("POST /v1/subscriptions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                      + "content-length: %d\r\n\r\n%s")
                  .formatted(body.length(), body)
                  .getBytes(StandardCharsets.US_ASCII));
      lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII), 1024);
      while (!lines.readLine().startsWith("{\"eoq\"")) {
        // head, frames, snapshot
      }
    }

    /// Each change's id follows the one before; commits may have become one change.
    void readUntilGeneration(int last) throws IOException {
      int id = 0;
      for (String line = lines.readLine(); ; line = lines.readLine()) {
        if (line.startsWith("{")) {
          assertTrue(line.endsWith("," + ++id + "]}"), line);
          if (line.contains("\"a\"," + last + "]")) {
            return;
          }
        }
      }
    }
  }
}
