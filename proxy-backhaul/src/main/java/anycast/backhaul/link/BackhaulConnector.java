package anycast.backhaul.link;

import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Connector;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.pick.Candidate;
import anycast.routing.table.RoutingTable;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/// The edge's way to an instance: a stream on a link to the worker of its node.
///
/// **Threading.** [#open] on one of the loops given to the constructor; [#views] and [#drain] from
/// anywhere.
public final class BackhaulConnector implements Connector {
  private final PerLoop<LinkPool> pools;
  private final List<EventLoop> loops;
  private final Ticker ticker;

  /// @param table asked for the node's address when a link is made
  public BackhaulConnector(
      EventLoops loops, Identity identity, RoutingTable table, Counters counters) {
    this.loops = loops.loops();
    this.ticker = loops.ticker();
    LinkPool.Shared shared =
        new LinkPool.Shared(loops, identity, table, counters, new LoadOwners());
    this.pools = new PerLoop<>(this.loops, loop -> new LinkPool(this.loops.indexOf(loop), shared));
  }

  /// An edge only guesses: it counts, and leaves the limit to the worker.
  @Override
  public boolean reserve(Candidate candidate) {
    candidate.load().begin();
    return true;
  }

  @Override
  public Upstream open(Attempt attempt, UpstreamEvents events) {
    Candidate candidate = attempt.candidate();
    RequestHead head = attempt.head();
    Fields fields = head.fields().copy(BackhaulHead.TYPICAL_BYTES, BackhaulHead.FIELDS);
    BackhaulHead.Ask ask =
        new BackhaulHead.Ask(
            candidate.service().internalPort(), attempt.queueNanos(), attempt.connectNanos());
    new BackhaulHead(
            candidate.instance().id(), ask, attempt.arrival(), BackhaulHead.FIRST_HOP_BUDGET)
        .encode(fields, ticker.nanos());
    RequestHead told =
        new RequestHead(
            head.method(), head.scheme(), head.authority(), head.path(), head.upgrade(), fields);
    return pools.mine().open(attempt, told, events);
  }

  /// A worker widens a stream's first window only when the app's connection stands, so a refusal
  /// comes before more than this has left.
  @Override
  public int replayBytes() {
    return H2Limits.link().streamWindowBytes();
  }

  /// All links, for the operator.
  public List<LinkView> views() {
    List<LinkView> all = new ArrayList<>();
    pools.each().forEach(pool -> all.addAll(pool.views()));
    return all;
  }

  /// No new links; those open close when their streams have ended.
  public void drain() {
    for (int i = 0; i < loops.size(); i++) {
      LinkPool pool = pools.each().get(i);
      loops.get(i).execute(pool::onDrain);
    }
  }
}
