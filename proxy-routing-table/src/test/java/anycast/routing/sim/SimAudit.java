package anycast.routing.sim;

import anycast.routing.feed.Cells;
import anycast.routing.feed.FeedId;
import anycast.routing.feed.ReadRow;
import anycast.routing.model.Entity;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// Reads every feed beside its stream, one after the other, and tells the core.
final class SimAudit {
  private final World world;
  private final SimEdge edge;

  SimAudit(World world, SimEdge edge) {
    this.world = world;
    this.edge = edge;
  }

  void run() {
    if (!edge.core().auditing()) {
      read(edge.core().auditBegun(edge.now()), 0);
    }
  }

  private void read(List<FeedId> feeds, int at) {
    if (at == feeds.size()) {
      List<Entity> inForce = new ArrayList<>();
      edge.snapshot().eachEntity(inForce::add);
      edge.core().onAuditInForce(inForce);
      edge.core().onAuditInForceEnd(edge.now());
      return;
    }
    FeedId feed = feeds.get(at);
    URI uri = edge.seats().get(feed).agent();
    if (uri == null || !world.network.reachable(uri)) {
      ended(feeds, at, List.of(), "no answer");
      return;
    }
    world.network.crossing(
        uri,
        () -> {
          SimAgent agent = world.agent(uri);
          List<ReadRow> rows = new ArrayList<>();
          if (agent.up()) {
            for (List<Object> cells : agent.store.now().all(feed.table()).values()) {
              rows.add(ReadRow.of(feed.table(), new Cells.Values(cells)));
            }
          }
          String fault = agent.up() ? "" : "cannot connect";
          world.network.crossing(uri, () -> ended(feeds, at, rows, fault));
        });
  }

  private void ended(List<FeedId> feeds, int at, List<ReadRow> rows, String fault) {
    if (edge.isDead()) {
      return;
    }
    FeedId feed = feeds.get(at);
    edge.core().onAuditRows(feed, rows);
    edge.core().onAuditRead(feed, fault, edge.now());
    read(feeds, at + 1);
  }
}
