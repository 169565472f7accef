package anycast.backhaul.link;

import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.Recurring;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import anycast.routing.table.RoutingTable;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// All links of one event loop, by node.
///
/// A node whose row changed its address gets new links; the old ones finish what they have. So do
/// those of a node that left the table.
///
/// **Threading.** One event loop; other threads read [#views]. **Limits.** As many sets as the
/// table has workers.
final class LinkPool {
  /// A tick looks after liveness and nodes that left; a second late is early enough for both.
  private static final long TICK_NANOS = 1_000_000_000L;

  private static final long NANOS_A_MICRO = 1_000;

  /// A worker that does not know the request, as an older one, will not know it in a second.
  private static final long HEARING_PAUSE_NANOS = 30_000_000_000L;

  private final int index;
  private final EventLoop loop;
  private final EventLoops loops;
  private final Identity identity;
  private final RoutingTable table;
  private final CounterCell counters;
  private final LoadOwners owners;

  private final Map<NodeId, Entry> byNode = new HashMap<>();
  private final List<Entry> leaving = new ArrayList<>();
  private boolean draining;

  /// Written by the loop at each tick, read by the operator's thread.
  private volatile List<LinkView> views = List.of();

  /// One node's links, and who hears its loads.
  private static final class Entry {
    private final NodeId node;
    private final String address;
    private final LinkSet links;

    /// Null where this loop does not hear them.
    private HeardLoads loads;

    private long nextHearingNanos;

    Entry(NodeId node, String address, LinkSet links, long nowNanos) {
      this.node = node;
      this.address = address;
      this.links = links;
      this.nextHearingNanos = nowNanos;
    }
  }

  /// What all loops' pools share.
  ///
  /// @param table asked for the node's address when a link is made
  record Shared(
      EventLoops loops,
      Identity identity,
      RoutingTable table,
      Counters counters,
      LoadOwners owners) {}

  LinkPool(int index, Shared shared) {
    this.index = index;
    this.loops = shared.loops();
    this.loop = loops.loops().get(index);
    this.identity = shared.identity();
    this.table = shared.table();
    this.counters = shared.counters().cell(loop);
    this.owners = shared.owners();
    Recurring.every(loop, TICK_NANOS, this::onTick);
  }

  /// Links as of the last tick.
  List<LinkView> views() {
    return views;
  }

  /// A stream to the attempt's node, or a fault.
  ///
  /// @param head goes out
  Upstream open(Attempt attempt, RequestHead head, UpstreamEvents events) {
    Candidate candidate = attempt.candidate();
    Node node = candidate.node();
    Entry entry = byNode.get(node.id());
    if (!draining && (entry == null || !entry.address.equals(node.backhaul()))) {
      entry = enter(node.id());
    }
    if (entry == null || draining) {
      return refused(node, events);
    }
    return entry.links.open(head, attempt.end(), candidate, attempt.patienceNanos(), events);
  }

  /// Finishes all links, for the end of the process.
  void onDrain() {
    draining = true;
    byNode.values().forEach(entry -> entry.links.drain());
  }

  /// Makes the set for a node as the table has it now: a request may carry an older row, and must
  /// not switch back what a newer one switched.
  ///
  /// @return null where the node is gone, is no worker or names no address
  private Entry enter(NodeId id) {
    Node now = table.current().node(id);
    if (now != null && now.role() != Node.Role.WORKER) {
      now = null;
    }
    Entry entry = byNode.get(id);
    if (entry != null && (now == null || !entry.address.equals(now.backhaul()))) {
      byNode.remove(id);
      leave(entry);
      entry = null;
    }
    if (entry != null || now == null) {
      return entry;
    }
    HostPort address;
    try {
      address = HostPort.parse(now.backhaul());
    } catch (IllegalArgumentException e) {
      return null;
    }
    Dialler dialler = new NodeDialler(id, address, loops, identity);
    LinkFaults faults = new BackhaulFaults(counters, () -> table.current().path(id));
    LinkSet links =
        new LinkSet("worker " + id, loop, dialler, faults, LinkSet.Shape.BACKHAUL, loops.ticker());
    entry = new Entry(id, now.backhaul(), links, loops.ticker().nanos());
    byNode.put(id, entry);
    return entry;
  }

  /// Sees to it that one loop of this process hears the node's loads.
  private void hear(Entry entry, long nowNanos) {
    if (entry.loads != null && entry.loads.isOver()) {
      entry.nextHearingNanos = nowNanos + (entry.loads.refused() ? HEARING_PAUSE_NANOS : 0);
      entry.loads = null;
      owners.release(entry.node, index);
    }
    if (entry.loads != null
        || nowNanos - entry.nextHearingNanos < 0
        || !owners.claim(entry.node, index)) {
      return;
    }
    HeardLoads loads = new HeardLoads(entry.node, table, loops.ticker(), counters);
    if (entry.links.hear(loads)) {
      entry.loads = loads;
    } else {
      owners.release(entry.node, index);
    }
  }

  private void leave(Entry entry) {
    if (entry.loads != null) {
      entry.loads = null;
      owners.release(entry.node, index);
    }
    entry.links.drain();
    leaving.add(entry);
  }

  private Upstream refused(Node node, UpstreamEvents events) {
    String why = draining ? "this proxy is stopping" : "no address in the table";
    events.onUpstreamFault(
        new Fault(FaultKind.NODE_UNREACHABLE, Fault.Scope.NODE, node.id() + ": " + why));
    return Refused.UPSTREAM;
  }

  private void onTick() {
    long nowNanos = loops.ticker().nanos();
    // A copy: a dial that is given up fails requests, which come back for another node.
    for (Entry entry : List.copyOf(byNode.values())) {
      Node now = table.current().node(entry.node);
      if (now != null && entry.address.equals(now.backhaul())) {
        entry.links.onTick(nowNanos);
        if (!draining) {
          hear(entry, nowNanos);
        }
      } else if (byNode.remove(entry.node, entry)) {
        leave(entry);
      }
    }
    leaving.removeIf(entry -> entry.links.isIdle());
    for (int i = leaving.size() - 1; i >= 0; i--) {
      leaving.get(i).links.onTick(nowNanos);
    }
    publish(nowNanos);
  }

  private void publish(long nowNanos) {
    List<LinkView> seen = new ArrayList<>();
    for (Entry entry : byNode.values()) {
      entry.links.each(link -> seen.add(view(entry, link, nowNanos)));
    }
    for (Entry entry : leaving) {
      entry.links.each(link -> seen.add(view(entry, link, nowNanos)));
    }
    views = List.copyOf(seen);
  }

  private LinkView view(Entry entry, Link link, long nowNanos) {
    long roundTripNanos = link.roundTripNanos();
    return new LinkView(
        index,
        entry.node.value(),
        link.isSilent() ? "silent" : link.state().name().toLowerCase(Locale.ROOT),
        link.streams(),
        roundTripNanos < 0 ? -1 : roundTripNanos / NANOS_A_MICRO,
        TimeUnit.NANOSECONDS.toSeconds(nowNanos - link.dialledNanos()));
  }
}
