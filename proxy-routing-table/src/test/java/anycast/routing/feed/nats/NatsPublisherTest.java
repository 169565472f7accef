package anycast.routing.feed.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Eventually;
import anycast.routing.feed.LoadChannel;
import anycast.routing.feed.RejectRow;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class NatsPublisherTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final NodeId W1 = new NodeId("w1.fra");
  private static final RegionCode FRA = new RegionCode("fra");

  @TempDir private Path dir;

  private NatsServer server;
  private NatsConfig config;
  private NatsState state;
  private final List<NatsPublisher> open = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    server = NatsServer.alone(dir.resolve("nats"), "");
    config = NatsConfig.of(List.of(server.uri()));
    state = new NatsState(config, Ticker.system());
    state.awaitConnected(DEADLINE);
  }

  @AfterEach
  void stop() {
    open.forEach(NatsPublisher::close);
    state.close();
    server.close();
  }

  private static Instance instance(String id, int port) {
    return new Instance(
        new InstanceId(id),
        new AppId("shop"),
        W1,
        FRA,
        "127.0.0.1",
        port,
        Instance.State.STARTED,
        Map.of(),
        1);
  }

  private NatsPublisher publish(List<Instance> instances) throws InterruptedException {
    Node node = new Node(W1, FRA, Node.Role.WORKER, "127.0.0.1:9", 1);
    NatsPublisher publisher =
        new NatsPublisher(config, node, instances, true, () -> 7, InstantSource.system());
    open.add(publisher);
    publisher.start();
    assertTrue(publisher.awaitPublished(DEADLINE));
    return publisher;
  }

  private Map<String, List<Object>> rows(Table table) throws IOException, InterruptedException {
    Map<String, List<Object>> rows = new HashMap<>();
    state.read(
        table,
        row -> {
          if (row.cells() instanceof Cells.Values(List<Object> values)) {
            rows.put(row.key(), values);
          }
        });
    return rows;
  }

  @Test
  void writesItsRowsAndRemovesWhatItHasNoMore() throws Exception {
    publish(List.of(instance("i1", 80), instance("i2", 81))).close();
    state.put(
        Table.INSTANCES,
        List.of("w2", "i9", "shop", "fra", "127.0.0.1", 82L, "started", "{}", 1L, 0L));
    publish(List.of(instance("i1", 80)));
    assertEquals(Set.of("w1=2Efra.i1", "w2.i9"), rows(Table.INSTANCES).keySet());
    assertEquals(
        List.of("w1.fra"), rows(Table.NODES).values().stream().map(List::getFirst).toList());
    assertEquals(
        List.of("shop", "w1.fra", "fra", 1L, 1L), rows(Table.APP_REGIONS).get("shop.w1.fra"));
  }

  @Test
  void keepsTheStateThatAnOperatorWrote() throws Exception {
    publish(List.of(instance("i1", 80))).close();
    List<Object> row = new ArrayList<>(rows(Table.INSTANCES).get("w1=2Efra.i1"));
    assertEquals("started", row.get(6));
    row.set(6, "stopped");
    state.put(Table.INSTANCES, row);
    publish(List.of(instance("i1", 99)));
    List<Object> after = rows(Table.INSTANCES).get("w1=2Efra.i1");
    assertEquals("stopped", after.get(6));
    assertEquals(99L, after.get(5));
  }

  @Test
  void doesNotTouchARowThatSaysTheSame() throws Exception {
    publish(List.of(instance("i1", 80))).close();
    List<Object> before = rows(Table.INSTANCES).get("w1=2Efra.i1");
    List<Object> marked = new ArrayList<>(before);
    marked.set(9, -5L);
    state.put(Table.INSTANCES, marked);
    publish(List.of(instance("i1", 80)));
    assertEquals(-5L, rows(Table.INSTANCES).get("w1=2Efra.i1").get(9));
  }

  @Test
  void repairsItsRowThatWasGarbled() throws Exception {
    publish(List.of(instance("i1", 80))).close();
    state.putAll(
        Table.INSTANCES,
        List.of(
            new NatsState.Stored(
                "w1=2Efra.i1", new byte[] {'x'}, new Cells.Unreadable("on purpose"))));
    publish(List.of(instance("i1", 80)));
    assertEquals(80L, rows(Table.INSTANCES).get("w1=2Efra.i1").get(5));
  }

  private boolean healthIs(String id, String status) {
    try {
      Map<String, List<Object>> rows = rows(Table.INSTANCE_HEALTH);
      List<Object> row = rows.get("w1=2Efra." + id);
      return row == null ? status.isEmpty() : row.get(2).equals(status);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InstanceHealth health(String id, InstanceHealth.Status status) {
    return new InstanceHealth(W1, new InstanceId(id), status, "", 1);
  }

  @Test
  void writesWhatTheChecksFoundAndTakesItOut() throws Exception {
    NatsPublisher publisher = publish(List.of(instance("i1", 80)));
    Eventually eventually = new Eventually();

    publisher.health(
        List.of(
            health("i1", InstanceHealth.Status.LAGGING),
            health("i2", InstanceHealth.Status.PASSING)));
    eventually.await(
        "rows", DEADLINE, () -> healthIs("i1", "lagging") && healthIs("i2", "passing"));

    publisher.health(List.of(health("i1", InstanceHealth.Status.PASSING)));
    eventually.await("changes", DEADLINE, () -> healthIs("i1", "passing") && healthIs("i2", ""));
  }

  @Test
  void aPublisherThatStartsLeavesHealthAsItStands() throws Exception {
    NatsPublisher before = publish(List.of(instance("i1", 80)));
    before.health(List.of(health("i1", InstanceHealth.Status.FAILING)));
    new Eventually().await("the row", DEADLINE, () -> healthIs("i1", "failing"));
    before.close();

    publish(List.of(instance("i1", 80)));

    assertTrue(healthIs("i1", "failing"));
  }

  @Test
  void loadsAreHeardByAllWhoListen() throws Exception {
    NodeId edge = new NodeId("e1");
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    LoadChannel.Listener listener =
        (from, lines) -> heard.add(from + " " + new String(lines, StandardCharsets.US_ASCII));
    try (NatsLoads listening = new NatsLoads(config, edge, Optional.of(listener), Ticker.system());
        NatsLoads telling = new NatsLoads(config, W1, Optional.empty(), Ticker.system())) {
      // what is told before somebody listens is lost
      new Eventually()
          .await(
              "a load",
              DEADLINE,
              () -> {
                telling.tell("i1 2 3 4\n".getBytes(StandardCharsets.US_ASCII));
                return !heard.isEmpty();
              });
      assertEquals("w1.fra i1 2 3 4\n", heard.poll());
      // an edge may tell as well, and nobody is hurt who does not listen
      listening.tell(new byte[0]);

      server.kill();
      telling.tell(new byte[] {'x'});
      server.start();
      heard.clear();

      new Eventually()
          .await(
              "a load after the restart",
              DEADLINE,
              () -> {
                telling.tell("i1 0 0 4\n".getBytes(StandardCharsets.US_ASCII));
                return heard.contains("w1.fra i1 0 0 4\n");
              });
    }
  }

  private static RejectRow reject(int number) {
    return new RejectRow(
        W1,
        "%032x".formatted(number),
        "virtual_services",
        "shop" + number,
        "compile",
        "it does not end",
        number,
        number);
  }

  /// The rejects that stand, by node and number.
  private Set<String> rejects() {
    try {
      return rows(Table.REJECTS).values().stream()
          .map(cells -> cells.get(0) + " " + Long.parseLong((String) cells.get(1), 16))
          .collect(Collectors.toSet());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private NatsPublisher publish(Supplier<List<RejectRow>> keptOut) throws InterruptedException {
    Node node = new Node(W1, FRA, Node.Role.WORKER, "127.0.0.1:9", 1);
    NatsPublisher publisher =
        new NatsPublisher(config, node, List.of(), true, () -> 7, InstantSource.system());
    open.add(publisher);
    publisher.rejects(keptOut);
    publisher.start();
    assertTrue(publisher.awaitPublished(DEADLINE));
    return publisher;
  }

  @Test
  void tellsWhatItKeepsOutUntilItDoesNot() throws Exception {
    AtomicReference<List<RejectRow>> keptOut = new AtomicReference<>(List.of(reject(2), reject(1)));
    NatsPublisher publisher = publish(keptOut::get);
    Eventually eventually = new Eventually();
    eventually.await("both", DEADLINE, () -> rejects().equals(Set.of("w1.fra 1", "w1.fra 2")));
    assertEquals(
        RowCodec.encode(reject(1)), rows(Table.REJECTS).get("w1=2Efra." + reject(1).hash()));
    // another node's row is not ours to touch
    List<Object> foreign = new ArrayList<>(RowCodec.encode(reject(9)));
    foreign.set(0, "w2");
    state.put(Table.REJECTS, foreign);
    keptOut.set(List.of(reject(3), reject(2)));
    eventually.await(
        "the next round", DEADLINE, () -> rejects().equals(Set.of("w1.fra 2", "w1.fra 3", "w2 9")));
    publisher.close();

    // a process that starts again, and knows from its disk what it keeps out
    publish(() -> List.of(reject(3)));
    eventually.await("what is left", DEADLINE, () -> rejects().equals(Set.of("w1.fra 3", "w2 9")));
  }

  @Test
  void aPublisherThatKnowsNothingOfQuarantineLeavesRowsAlone() throws Exception {
    publish(() -> List.of(reject(1)));
    new Eventually().await("it", DEADLINE, () -> rejects().equals(Set.of("w1.fra 1")));
    open.getFirst().close();
    publish(List.of());
    assertEquals(Set.of("w1.fra 1"), rejects());
  }

  @Test
  void beatsUntilItIsWithdrawn() throws Exception {
    NatsPublisher publisher = publish(List.of());
    List<Object> first = rows(Table.BEATS).get("w1.fra");
    assertEquals(7L, first.get(3));
    new Eventually()
        .await(
            "a later beat",
            DEADLINE,
            () -> {
              try {
                return !rows(Table.BEATS).get("w1.fra").get(1).equals(first.get(1));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    publisher.withdraw(DEADLINE);
    assertFalse(rows(Table.BEATS).containsKey("w1.fra"));
    assertFalse(rows(Table.NODES).containsKey("w1.fra"));
  }

  @Test
  void goesOnWhereTheServerCameBack() throws Exception {
    NatsPublisher publisher = publish(List.of(instance("i1", 80)));
    Object before = rows(Table.BEATS).get("w1.fra").get(1);
    server.kill();
    server.start();
    new Eventually()
        .await(
            "a beat after the restart",
            DEADLINE,
            () -> {
              try {
                return !rows(Table.BEATS).get("w1.fra").get(1).equals(before);
              } catch (IOException e) {
                return false;
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertTrue(publisher.isPublished());
    assertNotEquals(before, rows(Table.BEATS).get("w1.fra").get(1));
  }
}
