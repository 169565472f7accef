package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Decoded;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.RecordingTable;
import anycast.routing.feed.RejectRow;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.Publisher;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What one node keeps out, told through a real store and heard by another.
@Timeout(120)
final class RejectsOfStoreTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final NodeId NODE = new NodeId("w1");

  @TempDir Path directory;

  private final RecordingTable table = new RecordingTable();
  private final List<AutoCloseable> open = new ArrayList<>();
  private ServedStore served;
  private StateClient client;

  @BeforeEach
  void start() throws Exception {
    served = new ServedStore(directory.resolve("state.db"), ServedStore.settings());
    client = client();
    CorrosionSource source =
        new CorrosionSource(
            CorrosionConfig.of(List.of(served.server.uri()), Optional.empty()),
            EnumSet.allOf(Table.class),
            Ticker.system());
    FeedFollower follower = table.follower(source, Ticker.system());
    open.add(follower);
    follower.start();
    assertTrue(follower.awaitLoaded(DEADLINE));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    client.close();
    served.close();
  }

  private StateClient client() {
    return new StateClient(List.of(served.server.uri()), Optional.empty());
  }

  private static RejectRow reject(int number) {
    return new RejectRow(
        NODE,
        "%032x".formatted(number),
        "virtual_services",
        "shop" + number,
        "rehearse",
        "it's \"quoted\"; DROP TABLE apps --",
        number,
        number);
  }

  private Publisher publish(Supplier<List<RejectRow>> keptOut) throws InterruptedException {
    Node node = new Node(NODE, new RegionCode("fra"), Node.Role.WORKER, "10.0.0.1:7", 1);
    Publisher publisher =
        new Publisher(
            Publisher.Stores.of(client()), node, List.of(), InstantSource.system(), () -> 0);
    open.add(publisher);
    publisher.rejects(keptOut);
    publisher.start();
    assertTrue(publisher.awaitPublished(DEADLINE));
    return publisher;
  }

  private void await(String... wanted) throws InterruptedException {
    Set<String> all = Set.of(wanted);
    table.awaitRejects(
        DEADLINE,
        all.size() + " rejects",
        rejects ->
            rejects.size() == all.size()
                && rejects.stream().allMatch(one -> all.contains(name(one))));
  }

  private static String name(Decoded.RejectKey key) {
    return key.node() + " " + Long.parseLong(key.hash(), 16);
  }

  @Test
  void othersHearWhatANodeKeepsOutUntilItDoesNot() throws Exception {
    AtomicReference<List<RejectRow>> keptOut = new AtomicReference<>(List.of(reject(2), reject(1)));
    Publisher publisher = publish(keptOut::get);
    await("w1 1", "w1 2");
    List<List<Object>> rows =
        client.query(Statement.of("SELECT reason, gen FROM rejects WHERE entry_key = 'shop1'"));
    assertEquals(List.of(List.of(reject(1).reason(), 1L)), rows);
    keptOut.set(List.of(reject(3), reject(2)));
    await("w1 2", "w1 3");
    publisher.close();

    // a process that starts again, and knows from its disk what it keeps out
    publish(() -> List.of(reject(3)));
    await("w1 3");
  }

  @Test
  void rowsOfStrangersAreHeardAndLeftAlone() throws Exception {
    publish(() -> List.of(reject(1)));
    client.transact(
        List.of(
            Statement.of("INSERT INTO rejects (node, hash) VALUES ('w1', 'garbage')"),
            Statement.of(
                "INSERT INTO rejects (node, hash, reason) VALUES ('nobody', ?, ?)",
                reject(7).hash(),
                "x".repeat(100_000)),
            Statement.of(
                "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 5099)"
                    + " INSERT INTO rejects (node, hash, reason)"
                    + " SELECT 'nobody', printf('%032x', i), 'r' FROM n")));
    await(
        IntStream.range(99, 5_100)
            .mapToObj(i -> i == 99 ? "w1 1" : "nobody " + i)
            .toArray(String[]::new));
  }
}
