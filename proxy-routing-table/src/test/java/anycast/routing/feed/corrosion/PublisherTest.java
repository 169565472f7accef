package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.RejectRow;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.FakeAgent.Asked;
import anycast.routing.feed.corrosion.FakeAgent.Script;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PublisherTest {
  private static final NodeId NODE = new NodeId("n1");
  private static final RegionCode REGION = new RegionCode("fra");
  private static final Node WORKER = new Node(NODE, REGION, Node.Role.WORKER, "10.0.0.1:7", 1);
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(50));
  private static final Script DONE = done();

  private final FakeAgent own = new FakeAgent("", "http", ServerSocketFactory.getDefault());
  private final FakeAgent global = new FakeAgent("", "http", ServerSocketFactory.getDefault());
  private final StateClient state = client(own);
  private final StateClient globalState = client(global);

  PublisherTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    state.close();
    globalState.close();
    own.close();
    global.close();
  }

  private static Script done() {
    return Script.status(200)
        .raw("{\"results\":[],\"time\":0.1,\"version\":1,\"actor_id\":\"x\"}")
        .cleanAndKeptAlive();
  }

  /// Answers a query with what runs, and takes everything else.
  private static Script counting(Asked asked) {
    return asked.line().equals("POST /v1/queries")
        ? Script.status(200)
            .lines(
                "{\"columns\":[\"app\",\"n\"]}",
                "{\"row\":[1,[\"shop\",3]]}",
                "{\"row\":[2,[\"no app name!\",1]]}",
                "{\"eoq\":{\"time\":0.1}}")
            .cleanAndKeptAlive()
        : DONE;
  }

  private static StateClient client(FakeAgent agent) {
    return new StateClient(List.of(agent.uri()), Optional.empty());
  }

  private static List<Instance> instances(int count) {
    List<Instance> instances = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      instances.add(
          new Instance(
              new InstanceId("i" + i),
              new AppId("shop"),
              NODE,
              REGION,
              "127.0.0.1",
              9000,
              Instance.State.STARTED,
              Map.of(),
              1));
    }
    return instances;
  }

  private static Publisher.Pace pace(int beatsARepair) {
    return new Publisher.Pace(Duration.ofMillis(5), Duration.ofMillis(5), beatsARepair);
  }

  private Publisher publisher(int beatsARepair, List<Instance> instances) {
    Publisher publisher =
        new Publisher(
            pace(beatsARepair), Publisher.Stores.of(state), WORKER, instances, CLOCK, () -> 1234);
    publisher.start();
    return publisher;
  }

  /// The tables that a transaction writes, and in which way, in order.
  private static List<String> statements(Asked asked) throws IOException {
    List<String> words = new ArrayList<>();
    for (JsonNode statement : new ObjectMapper().readTree(asked.body())) {
      String[] sql = statement.get(0).asText().split(" ");
      words.add(sql[0].equals("UPDATE") ? "UPDATE " + sql[1] : sql[0] + " " + sql[2]);
    }
    return words;
  }

  @Test
  void whatTheChecksFoundIsWrittenWhenItIsTold() throws Exception {
    own.otherwise(_ -> DONE);
    try (Publisher publisher = publisher(1_000, instances(1))) {
      assertEquals(
          List.of("INSERT nodes", "INSERT instances", "DELETE instances", "INSERT beats"),
          statements(own.next()));
      InstanceId id = new InstanceId("i0");
      publisher.health(
          List.of(
              new InstanceHealth(NODE, id, InstanceHealth.Status.FAILING, "web: status 500", 3)));
      Asked told = own.next();
      while (statements(told).equals(List.of("INSERT beats"))) {
        told = own.next();
      }
      assertEquals(
          List.of("INSERT instance_health", "DELETE instance_health", "INSERT beats"),
          statements(told));
      JsonNode row = new ObjectMapper().readTree(told.body()).get(0).get(1);
      assertEquals("[\"n1\",\"i0\",\"failing\",\"web: status 500\",3]", row.toString());
      assertEquals(List.of("INSERT beats"), statements(own.next()));
    }
  }

  private static RejectRow reject(String hash) {
    return new RejectRow(NODE, hash, "virtual_services", "shop", "compile", "it hangs", 5, 6);
  }

  private static final String HASH = "0123456789abcdef0123456789abcdef";

  /// Beats are answered, rejects by `rejects`.
  private static Script but(Asked asked, Script rejects) {
    return asked.body().contains("INSERT INTO rejects") ? rejects : DONE;
  }

  @Test
  void whatIsKeptOutIsWrittenBesideTheBeatsAndOnce() throws Exception {
    own.otherwise(_ -> DONE);
    try (Publisher publisher = unstarted()) {
      publisher.rejects(() -> List.of(reject(HASH)));
      publisher.start();
      assertEquals(4, statements(own.next()).size());
      Asked told = own.next();
      assertEquals(List.of("INSERT rejects", "DELETE rejects"), statements(told));
      JsonNode row = new ObjectMapper().readTree(told.body()).get(0).get(1);
      assertEquals(
          "[\"n1\",\"" + HASH + "\",\"virtual_services\",\"shop\",\"compile\",\"it hangs\",5,6]",
          row.toString());
      for (int i = 0; i < 5; i++) {
        assertEquals(List.of("INSERT beats"), statements(own.next()));
      }
    }
  }

  @Test
  void aStoreWithoutTheTableStillHearsBeats() throws Exception {
    own.otherwise(asked -> but(asked, Script.status(400).clean()));
    try (Publisher publisher = unstarted()) {
      publisher.rejects(() -> List.of(reject(HASH)));
      publisher.start();
      assertTrue(publisher.awaitPublished(Duration.ofSeconds(30)));
      int beats = 0;
      int rejects = 0;
      while (beats < 20 || rejects < 1) {
        List<String> words = statements(own.next());
        beats += words.getLast().equals("INSERT beats") ? 1 : 0;
        rejects += words.getFirst().equals("INSERT rejects") ? 1 : 0;
      }
    }
  }

  @Test
  void aBugInWhatIsKeptOutStopsNoBeat() throws Exception {
    own.otherwise(_ -> DONE);
    try (Publisher publisher = unstarted()) {
      publisher.rejects(() -> {
        throw new IllegalStateException("a bug");
      });
      publisher.start();
      assertEquals(4, statements(own.next()).size());
      for (int i = 0; i < 20; i++) {
        assertEquals(List.of("INSERT beats"), statements(own.next()));
      }
    }
  }

  @Test
  void withTwoTiersTheGlobalStoreHearsWhatIsKeptOutAndTheOwnOneDoesNot() throws Exception {
    own.otherwise(PublisherTest::counting);
    global.otherwise(_ -> DONE);
    Publisher.Stores stores = new Publisher.Stores(state, Optional.of(globalState));
    try (Publisher publisher =
        new Publisher(pace(1_000), stores, WORKER, List.of(), CLOCK, () -> 7)) {
      publisher.rejects(() -> List.of(reject(HASH)));
      publisher.start();
      assertEquals(List.of("INSERT nodes", "INSERT beats"), statements(global.next()));
      assertEquals(List.of("INSERT rejects", "DELETE rejects"), statements(global.next()));
      for (int i = 0; i < 10; i++) {
        assertFalse(own.next().body().contains("rejects"));
      }
    }
  }

  private Publisher unstarted() {
    return new Publisher(
        pace(1_000), Publisher.Stores.of(state), WORKER, instances(1), CLOCK, () -> 1234);
  }

  @Test
  void rowsAreWrittenOnceAndBeatsTellTheAge() throws Exception {
    own.otherwise(_ -> DONE);
    try (Publisher publisher = publisher(1_000, instances(1))) {
      assertTrue(publisher.awaitPublished(Duration.ofSeconds(30)));
      Asked first = own.next();
      assertEquals(
          List.of("INSERT nodes", "INSERT instances", "DELETE instances", "INSERT beats"),
          statements(first));
      assertTrue(first.body().contains("[\"n1\",51,50,1234]"), first.body());
      for (int i = 2; i < 10; i++) {
        Asked next = own.next();
        assertEquals(List.of("INSERT beats"), statements(next));
        assertTrue(next.body().contains("[\"n1\"," + (50 + i) + ",50,1234]"), next.body());
      }
    }
  }

  @Test
  void rowsAreLookedAtAgainAfterSomeBeats() throws Exception {
    own.otherwise(_ -> DONE);
    try (Publisher _ = publisher(3, List.of())) {
      for (int i = 0; i < 9; i++) {
        assertEquals(i % 3 == 0 ? 3 : 1, statements(own.next()).size());
      }
    }
  }

  @Test
  void aConnectionThatComesBackIsNoReasonToWriteRows() throws Exception {
    own.then(done());
    own.then(Script.status(503).clean())
        .then(Script.status(200).torn())
        .then(Script.status(401).clean());
    own.otherwise(_ -> DONE);
    try (Publisher _ = publisher(1_000, instances(1))) {
      assertEquals(4, statements(own.next()).size());
      for (int i = 0; i < 8; i++) {
        assertEquals(List.of("INSERT beats"), statements(own.next()));
      }
    }
  }

  @Test
  void rowsThatWereNotWrittenStayOwed() throws Exception {
    own.then(Script.status(503).clean()).otherwise(_ -> DONE);
    try (Publisher publisher = publisher(1_000, instances(1))) {
      assertEquals(4, statements(own.next()).size());
      assertEquals(4, statements(own.next()).size());
      assertTrue(publisher.awaitPublished(Duration.ofSeconds(30)));
    }
  }

  @Test
  void transactionsAreSmall() throws Exception {
    own.otherwise(_ -> DONE);
    try (Publisher _ = publisher(1_000, instances(450))) {
      List<Integer> sizes = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        sizes.add(statements(own.next()).size());
      }
      assertEquals(List.of(200, 200, 53), sizes);
    }
  }

  @Test
  void theGlobalStoreLearnsWhatRunsHere() throws Exception {
    own.otherwise(PublisherTest::counting);
    global.otherwise(_ -> DONE);
    Publisher.Stores stores = new Publisher.Stores(state, Optional.of(globalState));
    try (Publisher publisher =
        new Publisher(pace(1_000), stores, WORKER, instances(1), CLOCK, () -> 7)) {
      publisher.start();
      // edges learn the node from the global tier too
      assertEquals(List.of("INSERT nodes", "INSERT beats"), statements(global.next()));
      Asked told = global.next();
      assertEquals(List.of("INSERT app_regions", "UPDATE app_regions"), statements(told));
      assertTrue(told.body().contains("[\"shop\",\"n1\",\"fra\",3,50]"), told.body());
      publisher.withdraw(Duration.ofSeconds(30));
      List<String> last = List.of();
      for (Asked asked = told; asked != null; asked = global.asked.poll()) {
        last = statements(asked);
      }
      assertEquals(List.of("UPDATE app_regions", "DELETE nodes", "DELETE beats"), last);
    }
  }

  @Test
  void aGlobalStoreThatIsAwayDoesNotHoldTheOwnOne() throws Exception {
    own.otherwise(PublisherTest::counting);
    global.otherwise(_ -> Script.dumb());
    Publisher.Stores stores = new Publisher.Stores(state, Optional.of(globalState));
    try (Publisher publisher =
        new Publisher(pace(1_000), stores, WORKER, List.of(), CLOCK, () -> 7)) {
      publisher.start();
      global.next();
      own.asked.clear();
      for (int i = 0; i < 20; i++) {
        own.next();
      }
    }
  }

  @Test
  void statementsHoldInADatabaseAndChangeNothingTwice() throws Exception {
    try (Connection database = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      for (Table table : List.of(Table.NODES, Table.INSTANCES, Table.APP_REGIONS)) {
        String columns =
            table.columns().stream().map(Table.Column::sql).collect(Collectors.joining(", "));
        String key = table.key().stream().map(Table.Column::sql).collect(Collectors.joining(", "));
        run(
            database,
            Statement.of(
                "CREATE TABLE %s (%s, PRIMARY KEY (%s))".formatted(table.label(), columns, key)));
      }
      // more than the terms that SQLite takes in one chain of ANDs
      run(database, PublishedRows.of(WORKER, instances(1_500), 1));
      assertEquals(0, run(database, PublishedRows.of(WORKER, instances(1_500), 2)));
      assertEquals(1_499, run(database, PublishedRows.of(WORKER, instances(1), 3)));
      assertEquals(1, run(database, PublishedRows.of(WORKER, List.of(), 3)));

      AppRegion shop = new AppRegion(new AppId("shop"), NODE, REGION, 3, 1);
      AppRegion blog = new AppRegion(new AppId("blog"), NODE, REGION, 1, 1);
      run(database, PublishedRows.of(NODE, List.of(shop, blog), 1));
      assertEquals(0, run(database, PublishedRows.of(NODE, List.of(shop, blog), 2)));
      assertEquals(1, run(database, PublishedRows.of(NODE, List.of(shop), 3)));
      try (PreparedStatement query =
              database.prepareStatement("SELECT instances FROM app_regions WHERE app = 'blog'");
          ResultSet blogs = query.executeQuery()) {
        assertTrue(blogs.next());
        assertEquals(0, blogs.getLong(1));
      }
      assertEquals(1, run(database, PublishedRows.of(NODE, List.of(), 4)));
    }
  }

  /// @return how many rows were changed
  private static int run(Connection database, List<Statement> statements) throws SQLException {
    int changed = 0;
    for (Statement statement : statements) {
      changed += run(database, statement);
    }
    return changed;
  }

  private static int run(Connection database, Statement statement) throws SQLException {
    try (PreparedStatement prepared = database.prepareStatement(statement.sql())) {
      for (int i = 0; i < statement.params().size(); i++) {
        prepared.setObject(i + 1, statement.params().get(i));
      }
      return prepared.executeUpdate();
    }
  }
}
