package anycast.backhaul.link;

import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.wire.LoadRequest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;

/// One multiplexed connection that this process opened.
///
/// ```
///   DIALLING ── peer's SETTINGS ──► OPEN ── GOAWAY, drain ──► DRAINING
///      └── refused, timeout ──┐      └── lost, no answer ──┐     │
///                             ▼                            ▼     ▼
///                           CLOSED ◄───────────────────────────────
/// ```
///
/// Open means more than a finished handshake: in TLS 1.3 the client has finished before the server
/// looked at its certificate, and a request sent in between would be lost without proof that nobody
/// worked on it. The peer's SETTINGS come after that look.
///
/// **Threading.** One event loop.
final class Link implements ConnectionEvents {
  /// A link in use is asked every second and gets nothing new after one without an answer: an
  /// instance that is alone in its region takes all requests of that time with it, so it must be
  /// short. It may be a pause or a lost packet, so what is on the link has 5 s. An idle link costs
  /// 17 bytes in 5 s.
  static final Liveness.Pace PACE =
      new Liveness.Pace(1_000_000_000L, 5_000_000_000L, 900_000_000L, 5_000_000_000L);

  /// From the dial to SETTINGS: a worker that is started anew finds whoever dialled it meanwhile in
  /// its socket's queue, and takes some seconds. Nobody who can go elsewhere waits that long.
  static final long DIAL_LIMIT_NANOS = 10_000_000_000L;

  /// What a link is doing.
  enum State {
    DIALLING,
    OPEN,
    DRAINING,
    CLOSED
  }

  private final LinkSet set;
  private State state = State.DIALLING;
  private H2Connection connection;
  private Channel channel;
  private Liveness liveness;
  private ScheduledFuture<?> dialLimit;
  private Throwable trouble;

  /// It owes us an answer to a PING for longer than it ever should.
  private boolean doubted;

  private long roundTripNanos = -1;

  /// It has stood for [LinkSet#GOOD_LIFE_NANOS].
  private boolean stood;

  /// The stream on which it hears of loads; null where it does not.
  private HeardLoads loads;

  private final long dialledNanos;
  private long readyNanos;

  Link(LinkSet set) {
    this.set = set;
    this.dialledNanos = set.nowNanos();
  }

  void dial(Dialler dialler) {
    Dialler.Dialled dialled = dialler.dial(set.loop(), this, cause -> trouble = cause);
    connection = dialled.connection();
    channel = dialled.connected().channel();
    dialLimit = set.loop().schedule(this::onDialLimit, DIAL_LIMIT_NANOS, TimeUnit.NANOSECONDS);
    dialled.connected().addListener((ChannelFuture connected) -> onConnected(connected));
  }

  private void onConnected(ChannelFuture connected) {
    if (!connected.isSuccess()) {
      closed(connected.cause());
    }
  }

  private void onDialLimit() {
    if (state == State.DIALLING) {
      trouble = new ConnectException("peer did not speak in time");
      Dialler.cut(channel);
    }
  }

  State state() {
    return state;
  }

  /// Those that carry exchanges.
  int streams() {
    return state == State.DIALLING ? 0 : connection.openStreams() - (hears() ? 1 : 0);
  }

  private boolean hears() {
    return loads != null && !loads.isOver();
  }

  /// Asks for the worker's loads, beside what it carries.
  ///
  /// @return whether it could
  boolean hear(HeardLoads events) {
    H2Stream opened = canOpen() ? connection.open(LoadRequest.head(), true, events) : null;
    if (opened == null) {
      return false;
    }
    events.carry(opened);
    loads = events;
    return true;
  }

  private void hearNoMore() {
    if (hears()) {
      loads.end();
    }
  }

  /// The last PING's round trip; -1 before the first.
  long roundTripNanos() {
    return roundTripNanos;
  }

  long dialledNanos() {
    return dialledNanos;
  }

  boolean canOpen() {
    return state == State.OPEN && !doubted && connection.canOpen();
  }

  /// Whether it stands and does not answer.
  boolean isSilent() {
    return state == State.OPEN && doubted;
  }

  /// @return null where the peer takes no stream, or not of this kind
  H2Stream open(RequestHead head, boolean end, StreamEvents events) {
    return connection.open(head, end, events);
  }

  /// No new streams; closes when those open have ended.
  void drain() {
    switch (state) {
      case DIALLING -> Dialler.cut(channel);
      case OPEN -> {
        state = State.DRAINING;
        hearNoMore();
        connection.drain();
      }
      case DRAINING, CLOSED -> {}
    }
  }

  /// Asks the peer for a sign of life, or gives it up.
  void onTick(long nowNanos) {
    if (liveness == null || state == State.CLOSED) {
      return;
    }
    if (!stood && nowNanos - readyNanos >= LinkSet.GOOD_LIFE_NANOS) {
      stood = true;
      set.faults().stands();
    }
    switch (liveness.onTick(nowNanos, streams() > 0)) {
      case WAIT -> {}
      case ASK -> connection.ping();
      case DOUBT -> {
        if (!doubted) {
          doubted = true;
          set.onSilent(this);
        }
      }
      case DEAD -> {
        trouble = new ConnectException("no answer to PING");
        Dialler.cut(channel);
      }
    }
  }

  @Override
  public void onReady() {
    if (state == State.DIALLING && trouble == null) {
      state = State.OPEN;
      dialLimit.cancel(false);
      readyNanos = set.nowNanos();
      liveness = new Liveness(PACE, readyNanos);
      set.onReady(this);
    }
  }

  @Override
  public void onGoAway(int lastStreamId, int code) {
    if (state == State.OPEN) {
      state = State.DRAINING;
      hearNoMore();
      connection.drain();
      set.onLeaving(this);
    }
  }

  @Override
  public void onPong(long nanosRoundTrip) {
    roundTripNanos = nanosRoundTrip;
    set.faults().roundTrip(nanosRoundTrip);
    if (doubted) {
      doubted = false;
      set.onHeard(this);
    }
    liveness.onAnswer(set.nowNanos());
  }

  @Override
  public void onClosed(Throwable cause) {
    closed(trouble == null ? cause : trouble);
  }

  private void closed(Throwable cause) {
    State before = state;
    if (before == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    if (dialLimit != null) {
      dialLimit.cancel(false);
    }
    if (before == State.DIALLING) {
      set.onDialFailed(
          this, cause == null ? new ConnectException("peer closed before it spoke") : cause);
    } else {
      set.onClosed(this, set.nowNanos() - readyNanos, cause);
    }
  }
}
