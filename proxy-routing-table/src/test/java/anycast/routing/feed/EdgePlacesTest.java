package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.SourceEvent.Kind;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An edge learns from rows of nodes which part of large services is its own.
@Timeout(60)
final class EdgePlacesTest {
  private final Locality self = new Locality(new NodeId("edge-b"), new RegionCode("fra"));
  private final SnapshotBuilder builder = new SnapshotBuilder(self);
  private final RoutingTable table = new RoutingTable(builder.empty());
  private final ScriptedSource source = new ScriptedSource();
  private final FeedFollower follower = new FeedFollower(table, builder, source, () -> 0);
  private final Eventually place = new Eventually();

  @BeforeEach
  void start() throws InterruptedException {
    follower.start();
    source.emptyBut(Table.NODES);
    source.begin(Table.NODES);
    row(1, "edge-a", "fra", "edge");
    row(2, "edge-b", "fra", "edge");
    row(3, "edge-c", "fra", "edge");
    row(4, "edge-0", "iad", "edge");
    row(5, "a-worker", "fra", "worker");
    source.end(Table.NODES, 0);
    assertTrue(follower.awaitLoaded(Duration.ofSeconds(30)));
  }

  @AfterEach
  void close() {
    follower.close();
  }

  private void row(int id, String node, String region, String role) throws InterruptedException {
    source.row(Table.NODES, id, node, region, role, "", 1L);
  }

  private void awaitPlace(double expected) throws InterruptedException {
    place.await("place " + expected, () -> Math.abs(self.peers().place() - expected) < 1e-9);
  }

  @Test
  void anEdgeStandsAmongTheEdgesOfItsRegionByName() throws InterruptedException {
    awaitPlace(1.5 / 3);
  }

  @Test
  void anEdgeThatComesOrGoesMovesTheOthers() throws InterruptedException {
    awaitPlace(1.5 / 3);
    source.change(Kind.INSERT, 1, Table.NODES, 6, "edge-aa", "fra", "edge", "", 1L);
    awaitPlace(2.5 / 4);
    source.change(Kind.DELETE, 2, Table.NODES, 3, "edge-c", "fra", "edge", "", 1L);
    awaitPlace(2.5 / 3);
  }

  @Test
  void anEdgeWithoutARowOfItsOwnHasItsPlace() throws InterruptedException {
    awaitPlace(1.5 / 3);
    source.change(Kind.DELETE, 1, Table.NODES, 2, "edge-b", "fra", "edge", "", 1L);
    source.change(Kind.DELETE, 2, Table.NODES, 3, "edge-c", "fra", "edge", "", 1L);
    awaitPlace(1.5 / 2);
  }
}
