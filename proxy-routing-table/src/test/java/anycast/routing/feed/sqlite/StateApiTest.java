package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Eventually;
import anycast.routing.time.Ticker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The API as a stranger's client sees it.
@Timeout(120)
final class StateApiTest {
  private static final int CAPACITY = 500;

  @TempDir Path directory;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private StateServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        StateServer.start(
            StateStore.open(directory.resolve("state.db"), Ticker.system()),
            ServerSettings.of(new InetSocketAddress("127.0.0.1", 0))
                .withSubscriberRoom(CAPACITY, 1 << 20)
                .withLog(new FollowedQuery.LogLimits(10_000, 8 << 20)),
            Ticker.system());
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    server.close();
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(server.uri().resolve(path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String transact(String body) throws Exception {
    HttpResponse<String> answer = post("/v1/transactions", body);
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.body();
  }

  private List<String> rows(String sql) throws Exception {
    HttpResponse<String> answer = post("/v1/queries", "\"" + sql + "\"");
    assertEquals(200, answer.statusCode(), answer.body());
    List<String> lines = answer.body().lines().toList();
    assertTrue(lines.getFirst().startsWith("{\"columns\":["), answer.body());
    assertTrue(lines.getLast().startsWith("{\"eoq\":{\"time\":"), answer.body());
    return lines.subList(1, lines.size() - 1);
  }

  /// A followed query, line by line.
  private final class Follow implements AutoCloseable {
    final HttpResponse<InputStream> answer;
    final BufferedReader lines;

    Follow(HttpRequest request) throws Exception {
      answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    String next() throws IOException {
      String line = lines.readLine();
      return line == null ? null : line.stripTrailing();
    }

    String id() {
      return answer.headers().firstValue("corro-query-id").orElseThrow();
    }

    @Override
    public void close() throws IOException {
      answer.body().close();
    }
  }

  private Follow follow(String body) throws Exception {
    return new Follow(
        HttpRequest.newBuilder(server.uri().resolve("/v1/subscriptions"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private Follow resume(String path) throws Exception {
    return new Follow(
        HttpRequest.newBuilder(server.uri().resolve("/v1/subscriptions/" + path)).build());
  }

  @Test
  void takesEveryFormOfStatement() throws Exception {
    transact(
        """
        ["INSERT INTO apps (name, gen) VALUES ('plain', 1)",
         ["INSERT INTO apps (name, gen) VALUES (?, ?)", ["positional", 2]],
         ["INSERT INTO apps (name, gen) VALUES (:n, $g)", {":n": "named", "$g": 3}],
         {"query": "INSERT INTO apps (name, gen) VALUES (?2, ?1)", "params": [4, "verbose"]},
         {"query": "INSERT INTO apps (name, gen) VALUES (@n, @g + @g)",
          "named_params": {"@n": "twice", "@g": 5}}]
        """);
    assertEquals(
        List.of(
            "{\"row\":[1,[\"plain\",1]]}",
            "{\"row\":[2,[\"positional\",2]]}",
            "{\"row\":[3,[\"named\",3]]}",
            "{\"row\":[4,[\"verbose\",4]]}",
            "{\"row\":[5,[\"twice\",10]]}"),
        rows("SELECT name, gen FROM apps ORDER BY gen"));
  }

  @Test
  void keepsEveryKindOfValue() throws Exception {
    HttpResponse<String> answer =
        post(
            "/v1/queries",
            "[\"SELECT ?, ?, ?, ?, ?, ?, ?\",[null, true, 9223372036854775807, 0.5, \"a\\nb\", [1,"
                + " 171, 255], {\"k\": [1]}]]");
    assertEquals(
        "{\"row\":[1,[null,1,9223372036854775807,0.5,\"a\\nb\",[1,171,255],\"{\\\"k\\\":[1]}\"]]}",
        answer.body().lines().toList().get(1));
  }

  @Test
  void transactionIsAllOrNothing() throws Exception {
    HttpResponse<String> answer =
        post(
            "/v1/transactions",
            "[\"INSERT INTO apps (name) VALUES ('a')\", \"INSERT INTO nowhere VALUES (1)\"]");
    assertEquals(500, answer.statusCode());
    assertTrue(answer.body().startsWith("{\"results\":[{\"error\":\""), answer.body());
    assertTrue(answer.body().contains("\"version\":null"), answer.body());
    assertEquals(List.of(), rows("SELECT name FROM apps"));
  }

  @Test
  void versionGrowsOnlyWhereSomethingChanged() throws Exception {
    String first = transact("[\"INSERT INTO apps (name) VALUES ('a')\"]");
    assertTrue(first.contains("\"rows_affected\":1"), first);
    assertTrue(first.contains("\"version\":1,\"actor_id\":\""), first);
    assertTrue(transact("[\"UPDATE apps SET gen = 0\"]").contains("\"version\":null"));
    assertTrue(transact("[\"UPDATE apps SET gen = 1\"]").contains("\"version\":2"));
  }

  @Test
  void refusesWhatIsNoTransaction() throws Exception {
    assertEquals(400, post("/v1/transactions", "[]").statusCode());
    assertEquals(400, post("/v1/transactions", "[").statusCode());
    assertEquals(422, post("/v1/transactions", "{}").statusCode());
    assertEquals(422, post("/v1/transactions", "[7]").statusCode());
    for (String sql :
        List.of(
            "DROP TABLE apps",
            "COMMIT",
            "PRAGMA synchronous=OFF",
            "DELETE FROM __state",
            "DELETE FROM main.\\\"__state\\\"",
            "ATTACH 'x' AS x")) {
      assertEquals(500, post("/v1/transactions", "[\"" + sql + "\"]").statusCode(), sql);
    }
    assertEquals(
        400, post("/v1/transactions", "[\"DELETE FROM apps; DROP TABLE apps\"]").statusCode());
    HttpResponse<String> untyped =
        http.send(
            HttpRequest.newBuilder(server.uri().resolve("/v1/transactions"))
                .POST(HttpRequest.BodyPublishers.ofString("[]"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(415, untyped.statusCode());
  }

  @Test
  void queriesCannotWrite() throws Exception {
    for (String sql :
        List.of(
            "DELETE FROM apps", "WITH x AS (SELECT 1) INSERT INTO apps (name) SELECT 'a' FROM x")) {
      HttpResponse<String> answer = post("/v1/queries", "\"" + sql + "\"");
      assertEquals(400, answer.statusCode(), sql);
      assertEquals("{\"error\":\"statement is not readonly\"}\n", answer.body());
    }
    assertEquals(400, post("/v1/queries", "\"SELECT nothing FROM apps\"").statusCode());
  }

  @Test
  void followsAQueryFromSnapshotToChanges() throws Exception {
    transact("[\"INSERT INTO apps (name, gen) VALUES ('a', 1), ('b', 1)\"]");
    try (Follow follow = follow("\"SELECT name, gen FROM apps\"")) {
      assertEquals(16, follow.answer.headers().firstValue("corro-query-hash").get().length());
      assertTrue(follow.answer.headers().firstValue("content-type").isEmpty());
      assertEquals("{\"columns\":[\"name\",\"gen\"]}", follow.next());
      assertEquals("{\"row\":[1,[\"a\",1]]}", follow.next());
      assertEquals("{\"row\":[2,[\"b\",1]]}", follow.next());
      assertTrue(follow.next().endsWith("\"change_id\":0}}"));
      transact(
          "[\"INSERT INTO apps (name, gen) VALUES ('c', 1)\", \"DELETE FROM apps WHERE name ="
              + " 'a'\"]");
      assertEquals("{\"change\":[\"insert\",3,[\"c\",1],1]}", follow.next());
      assertEquals("{\"change\":[\"delete\",1,[\"a\",1],2]}", follow.next());
      transact("[\"UPDATE apps SET gen = 2 WHERE name = 'b'\"]");
      assertEquals("{\"change\":[\"update\",2,[\"b\",2],3]}", follow.next());
    }
  }

  @Test
  void seesRowsThatAReplaceOrADeleteOfAllPushesOut() throws Exception {
    transact("[\"INSERT INTO apps (name, gen) VALUES ('a', 1), ('b', 1)\"]");
    try (Follow follow = follow("\"SELECT name, gen FROM apps\"")) {
      for (int i = 0; i < 4; i++) {
        follow.next();
      }
      transact("[\"INSERT OR REPLACE INTO apps (name, gen) VALUES ('a', 2)\"]");
      assertEquals("{\"change\":[\"insert\",3,[\"a\",2],1]}", follow.next());
      assertEquals("{\"change\":[\"delete\",1,[\"a\",1],2]}", follow.next());
      transact("[\"DELETE FROM apps\"]");
      assertTrue(follow.next().startsWith("{\"change\":[\"delete\","));
      assertTrue(follow.next().startsWith("{\"change\":[\"delete\","));
    }
  }

  @Test
  void filterLetsRowsComeAndGoAndHidesTheRest() throws Exception {
    try (Follow follow = follow("[\"SELECT name FROM apps WHERE gen > ?\", [5]]")) {
      assertEquals("{\"columns\":[\"name\"]}", follow.next());
      follow.next();
      transact("[\"INSERT INTO apps (name, gen) VALUES ('low', 1), ('high', 9)\"]");
      assertEquals("{\"change\":[\"insert\",1,[\"high\"],1]}", follow.next());
      transact("[\"UPDATE apps SET gen = 10 WHERE name = 'high'\"]");
      transact("[\"UPDATE apps SET gen = 2 WHERE name = 'high'\"]");
      assertEquals("{\"change\":[\"delete\",1,[\"high\"],2]}", follow.next());
      transact("[\"UPDATE apps SET gen = 8 WHERE name = 'low'\"]");
      assertEquals("{\"change\":[\"insert\",2,[\"low\"],3]}", follow.next());
    }
  }

  @Test
  void sharesOneMatcherAmongEqualQueriesAndResumes() throws Exception {
    String id;
    try (Follow one = follow("\"SELECT name FROM apps\"");
        Follow same = follow("[\"SELECT name FROM apps\", []]");
        Follow other = follow("\"SELECT  name FROM apps\"")) {
      id = one.id();
      assertEquals(id, same.id());
      assertFalse(id.equals(other.id()));
      one.next();
      one.next();
      transact("[\"INSERT INTO apps (name) VALUES ('a')\"]");
      assertEquals("{\"change\":[\"insert\",1,[\"a\"],1]}", one.next());
    }
    transact("[\"INSERT INTO apps (name) VALUES ('b')\"]");
    try (Follow again = resume(id + "?from=1")) {
      assertEquals("{\"change\":[\"insert\",2,[\"b\"],2]}", again.next());
    }
    try (Follow whole = resume(id + "?from=0")) {
      assertEquals("{\"columns\":[\"name\"]}", whole.next());
    }
    try (Follow changes = resume(id + "?skip_rows=true")) {
      transact("[\"INSERT INTO apps (name) VALUES ('c')\"]");
      assertEquals("{\"change\":[\"insert\",3,[\"c\"],3]}", changes.next());
    }
  }

  @Test
  void saysSoWhereTheLogNoLongerReachesBack() throws Exception {
    transact(
        "[\"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
            + " INSERT INTO apps (name) SELECT 'a' || i FROM n\"]");
    try (Follow follow = follow("\"SELECT name, gen FROM apps\"")) {
      for (int i = 0; i < 402; i++) {
        follow.next();
      }
      for (int gen = 1; gen <= 26; gen++) {
        transact("[\"UPDATE apps SET gen = " + gen + "\"]");
        for (int i = 0; i < 400; i++) {
          follow.next();
        }
      }
      try (Follow late = resume(follow.id() + "?from=3")) {
        assertTrue(
            late.next().startsWith("{\"error\":\"subscription already deleted older changes"));
        assertNull(late.next());
      }
    }
  }

  @Test
  void refusesWhatCannotBeFollowed() throws Exception {
    for (String sql :
        List.of(
            "DELETE FROM apps",
            "SELECT 1",
            "SELECT name FROM nowhere",
            "SELECT nothing FROM apps",
            "SELECT count(*) FROM apps",
            "SELECT a.name FROM apps a, services s",
            "SELECT a.name FROM apps a JOIN services s ON 1",
            "SELECT name FROM apps LIMIT 1",
            "SELECT name FROM apps UNION SELECT app FROM services",
            "SELECT name FROM apps WHERE name IN (SELECT app FROM services)",
            "SELECT value FROM __state")) {
      HttpResponse<String> answer = post("/v1/subscriptions", "\"" + sql + "\"");
      assertEquals(400, answer.statusCode(), sql);
      assertTrue(answer.body().startsWith("{\"error\":\""), answer.body());
    }
    assertEquals(400, post("/v1/subscriptions?from=0", "\"SELECT name FROM apps\"").statusCode());
    try (Follow unknown = resume("00000000-0000-0000-0000-000000000000?from=1")) {
      assertEquals(404, unknown.answer.statusCode());
    }
  }

  @Test
  void forgetsAClientThatLeftAQuietTable() throws Exception {
    Follow follow = follow("\"SELECT name FROM apps\"");
    follow.next();
    assertEquals(1, server.subscriberCount());
    follow.close();
    Eventually eventually = new Eventually();
    eventually.await("nobody", () -> none(server));
  }

  private static boolean none(StateServer server) {
    try {
      return server.subscriberCount() == 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void slowSubscriberIsCutWhileTheWriterAndOthersGoOn() throws Exception {
    transact(
        "[\"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
            + " INSERT INTO virtual_services (name) SELECT 'v' || i FROM n\"]");
    String sql = "\"SELECT name, document FROM virtual_services\"";
    try (Follow quick = follow(sql);
        Socket slow = new Socket()) {
      slow.setReceiveBufferSize(4096);
      slow.connect(new InetSocketAddress("127.0.0.1", server.uri().getPort()));
      slow.getOutputStream()
          .write(
              ("POST /v1/subscriptions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                      + "content-length: "
                      + sql.length()
                      + "\r\n\r\n"
                      + sql)
                  .getBytes(StandardCharsets.US_ASCII));
      slow.getInputStream().read();
      assertEquals(2, server.subscriberCount());
      for (int i = 0; i < 102; i++) {
        quick.next();
      }
      int changes = 0;
      while (server.subscriberCount() == 2 && changes < 100_000) {
        transact("[\"UPDATE virtual_services SET gen = 0, document = hex(randomblob(4000))\"]");
        for (int i = 0; i < 100; i++) {
          assertTrue(quick.next().endsWith("," + ++changes + "]}"));
        }
      }
      assertEquals(1, server.subscriberCount());
      transact("[\"UPDATE virtual_services SET document = 'end' WHERE name = 'v1'\"]");
      assertTrue(quick.next().contains("\"end\""));
    }
  }

  @Test
  void countsTablesAndIsHealthy() throws Exception {
    transact("[\"INSERT INTO apps (name) VALUES ('a'), ('b')\"]");
    assertEquals(
        "{\"total_row_count\":2,\"invalid_tables\":[\"nope\"]}",
        post("/v1/table_stats", "{\"tables\":[\"apps\",\"nodes\",\"nope\"]}").body());
    HttpResponse<String> health =
        http.send(
            HttpRequest.newBuilder(server.uri().resolve("/v1/health")).build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, health.statusCode());
    assertTrue(health.body().startsWith("{\"response\":{\"gaps\":0"), health.body());
  }

  @Test
  void malformedRequestsGetAnAnswerAndAnEnd() throws Exception {
    for (String request :
        List.of(
            "NONSENSE\r\n\r\n",
            "GET / HTTP/1.1\r\nno colon\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nx: " + "y".repeat(20_000) + "\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\n")) {
      try (Socket socket = new Socket("127.0.0.1", server.uri().getPort())) {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String answer =
            new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        assertTrue(answer.matches("HTTP/1.1 [45]\\d\\d"), request + " got " + answer);
      }
    }
  }
}
