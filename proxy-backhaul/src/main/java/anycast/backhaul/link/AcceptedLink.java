package anycast.backhaul.link;

import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.ServerEvents;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.identity.PeerIdentity;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.wire.BackhaulHead;
import anycast.backhaul.wire.LoadRequest;
import anycast.routing.model.Reserved;
import io.netty.channel.Channel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One link from an edge, on the worker.
///
/// **Threading.** One event loop. **Faults.** An edge that vanished is noticed by PING as on the
/// other side: its streams would hold apps and limits otherwise.
final class AcceptedLink implements ServerEvents {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptedLink.class);

  private final AcceptedLinks links;
  private final Channel channel;
  private final LinkPlanner planner;
  private final long acceptedNanos;
  private Exchanges exchanges;
  private CounterCell counters;

  private H2Connection connection;
  private Liveness liveness;
  private String edge = "?";
  private boolean accepted;
  private boolean own;
  private boolean draining;
  private long roundTripNanos = -1;

  /// On which the edge hears of loads; null where it did not ask.
  private LoadStream loads;

  AcceptedLink(
      AcceptedLinks links,
      Channel channel,
      LinkPlanner planner,
      Exchanges exchanges,
      CounterCell counters) {
    this.links = links;
    this.channel = channel;
    this.planner = planner;
    this.exchanges = exchanges;
    this.counters = counters;
    this.acceptedNanos = links.nowNanos();
  }

  /// The connection that tells this; once, when the pipeline is built.
  void carry(H2Connection carried) {
    connection = carried;
  }

  void onPeer(PeerIdentity peer) {
    edge = peer.node().value();
    LOG.info("link from edge {} open", edge);
    accepted = true;
    counters.add(Counter.LINKS_OPENED);
  }

  /// This process asks itself: nobody is told of the link, and it leads to the canary alone.
  ///
  /// @param aside where what it does is counted from now on
  void onSelf(CounterCell aside) {
    own = true;
    counters = aside;
    exchanges = exchanges.uncounted();
  }

  String edge() {
    return edge;
  }

  boolean draining() {
    return draining;
  }

  /// Those that carry exchanges.
  int streams() {
    return connection.openStreams() - (loads == null || loads.ended() ? 0 : 1);
  }

  long queuedBytes() {
    return connection.queuedBytes();
  }

  long roundTripNanos() {
    return roundTripNanos;
  }

  long acceptedNanos() {
    return acceptedNanos;
  }

  void drain() {
    draining = true;
    if (loads != null) {
      loads.end();
    }
    connection.drain();
  }

  /// Ends what did not end by itself.
  void reset() {
    connection.close(H2Code.NO_ERROR);
  }

  void onTick(long nowNanos) {
    if (liveness == null) {
      return;
    }
    switch (liveness.onTick(nowNanos, streams() > 0)) {
      case WAIT, DOUBT -> {}
      case ASK -> connection.ping();
      case DEAD -> {
        LOG.info("link from edge {} lost: no answer to PING", edge);
        counters.add(Counter.LINK_PINGS_LATE);
        Dialler.cut(channel);
      }
    }
  }

  /// Time to tell the edge who is how busy.
  void onLoads(LoadEdition edition, long nowNanos) {
    if (loads != null) {
      loads.onTick(edition, nowNanos);
    }
  }

  private StreamEvents tellLoads(H2Stream stream) {
    if (loads != null) {
      loads.replaced();
    }
    loads = new LoadStream(stream, counters, links.nowNanos());
    if (draining) {
      loads.end();
    }
    return loads;
  }

  @Override
  public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
    if (LoadRequest.is(head)) {
      return tellLoads(stream);
    }
    LinkDownstream downstream = new LinkDownstream(stream, counters);
    BackhaulHead told;
    try {
      told = BackhaulHead.decode(head.fields(), links.nowNanos());
    } catch (BackhaulHead.Malformed e) {
      LOG.warn("request from edge {} refused: {}", edge, e.getMessage());
      stream.reset(FaultKind.BAD_REQUEST.linkReset());
      return downstream;
    }
    if (own && !told.instance().equals(Reserved.INSTANCE)) {
      stream.reset(FaultKind.UNKNOWN_INSTANCE.linkReset());
      return downstream;
    }
    BackhaulHead.strip(head.fields());
    downstream.begin(planner.plan(told, head), exchanges, end, channel.eventLoop());
    return downstream;
  }

  @Override
  public void onReady() {
    liveness = new Liveness(Link.PACE, links.nowNanos());
  }

  @Override
  public void onGoAway(int lastStreamId, int code) {
    // The edge opens no more; what is open finishes.
  }

  @Override
  public void onPong(long nanosRoundTrip) {
    roundTripNanos = nanosRoundTrip;
    liveness.onAnswer(links.nowNanos());
  }

  @Override
  public void onClosed(Throwable cause) {
    if (!accepted) {
      // A stranger, whom the gate has counted and logged, or this process itself.
      return;
    }
    counters.add(cause == null ? Counter.LINKS_CLOSED : Counter.LINKS_LOST);
    if (cause != null) {
      LOG.info("link from edge {} lost: {}", edge, LinkFaults.reason(cause));
    }
    links.remove(this);
  }
}
