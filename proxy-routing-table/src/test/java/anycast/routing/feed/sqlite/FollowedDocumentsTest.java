package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.document.DocumentReader;
import anycast.routing.feed.Eventually;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.FeedStatus.TableStatus;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import anycast.routing.virtual.CompiledRule;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Documents of virtual services from a real store into a snapshot.
@Timeout(120)
final class FollowedDocumentsTest {
  private static final Duration LOAD = Duration.ofSeconds(30);
  private static final byte[] HOST = "v.test".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;

  private StateServer server;
  private StateClient client;

  @BeforeEach
  void start() throws Exception {
    StateStore store = StateStore.open(directory.resolve("state.db"), Ticker.system());
    server =
        StateServer.start(
            store, new InetSocketAddress("127.0.0.1", 0), Optional.empty(), Ticker.system());
    client = new StateClient(List.of(server.uri()), Optional.empty());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void aDocumentThatCannotBeFollowedLeavesTheOneBeforeInForceUntilAGoodOneComes() throws Exception {
    String good = document("first");
    client.transact(
        List.of(Statement.put(new VirtualService("v", good, 1, DocumentReader.rules(good)), 1)));
    SnapshotBuilder builder =
        new SnapshotBuilder(new Locality(new NodeId("edge"), new RegionCode("fra")));
    RoutingTable table = new RoutingTable(builder.empty());
    Eventually eventually = new Eventually();
    FeedFollower.Outside outside =
        new FeedFollower.Outside(
            Ticker.system(),
            InstantSource.system(),
            new SplittableRandom(1),
            null,
            null,
            (_, _) -> eventually.changed(() -> {}));
    try (CorrosionSource source =
            new CorrosionSource(
                CorrosionConfig.of(List.of(server.uri()), Optional.empty()),
                EnumSet.allOf(Table.class),
                Ticker.system());
        FeedFollower follower =
            new FeedFollower(
                table,
                builder,
                List.of(new FeedFollower.Named("state", source)),
                FeedLimits.STANDARD,
                outside)) {
      follower.start();
      assertTrue(follower.awaitLoaded(LOAD));
      assertEquals(List.of("v/first"), rules(table.current()));

      write("hosts: [v.test]\nrules: [ { name: broken, to: [ { selector: 'a in (' } ] } ]", 2);
      eventually.await("the broken one is named", () -> follower.status().skipped().size() == 1);
      assertEquals(List.of("v/first"), rules(table.current()));
      assertEquals("v", follower.status().skipped().getFirst().row());
      assertEquals(
          1, follower.status().tables().stream().mapToInt(TableStatus::previousServes).sum());

      write(document("second"), 3);
      eventually.await("the good one", () -> rules(table.current()).equals(List.of("v/second")));
      eventually.await("nothing is skipped", () -> follower.status().skipped().isEmpty());
    }
  }

  private static String document(String rule) {
    return "hosts: [v.test]\nrules: [ { name: " + rule + ", to: [ { selector: app=hello } ] } ]";
  }

  private void write(String document, int generation) throws Exception {
    client.transact(
        List.of(
            Statement.of(
                "UPDATE virtual_services SET document = ?, gen = ? WHERE name = 'v'",
                document,
                generation)));
  }

  private static List<String> rules(RoutingSnapshot now) {
    return now.rules(HOST, 0, HOST.length).stream().map(CompiledRule::name).toList();
  }
}
