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
  private final Exchanges exchanges;
  private final CounterCell counters;
  private final long acceptedNanos;

  private H2Connection connection;
  private Liveness liveness;
  private String edge = "?";
  private boolean accepted;
  private boolean draining;
  private long roundTripNanos = -1;

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

  String edge() {
    return edge;
  }

  boolean draining() {
    return draining;
  }

  int streams() {
    return connection.openStreams();
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
    switch (liveness.onTick(nowNanos, connection.openStreams() > 0)) {
      case WAIT, DOUBT -> {}
      case ASK -> connection.ping();
      case DEAD -> {
        LOG.info("link from edge {} lost: no answer to PING", edge);
        counters.add(Counter.LINK_PINGS_LATE);
        Dialler.cut(channel);
      }
    }
  }

  @Override
  public StreamEvents onRequest(H2Stream stream, RequestHead head, boolean end) {
    LinkDownstream downstream = new LinkDownstream(stream, counters);
    BackhaulHead told;
    try {
      told = BackhaulHead.decode(head.fields(), links.nowNanos());
    } catch (BackhaulHead.Malformed e) {
      LOG.warn("request from edge {} refused: {}", edge, e.getMessage());
      stream.reset(FaultKind.BAD_REQUEST.linkReset());
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
      // A stranger: the gate has counted and logged it.
      return;
    }
    counters.add(cause == null ? Counter.LINKS_CLOSED : Counter.LINKS_LOST);
    if (cause != null) {
      LOG.info("link from edge {} lost: {}", edge, LinkFaults.reason(cause));
    }
    links.remove(this);
  }
}
