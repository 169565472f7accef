package anycast.backhaul.worker;

import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.model.AppId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/// One attempt at an instance of this host: first a place in its room, then a connection to the
/// app, and the place back at the end.
///
/// ```
///   ENTERING ── room ──────────────────► INSIDE ── response ended, fault, cancelled ──► OUT
///       └── full ──► WAITING ── let in ────▲  └── request still comes ──► ANSWERED ──► ▲
///                       └── deadline, line too long, cancelled ───────────────────────┘
/// ```
///
/// While it waits nothing goes to the app, and no window is widened: a refusal loses nothing, and
/// the edge may go elsewhere.
///
/// **Threading.** The exchange's event loop. **Ownership.** Holds the buffers that came while
/// waiting, bounded by the stream's first window. **Faults.** Exactly one place is given back for
/// each that was taken.
final class AppAttempt implements Upstream, UpstreamEvents, Rooms.Waiter {
  private enum State {
    ENTERING,
    WAITING,
    INSIDE,
    ANSWERED,
    OUT
  }

  private final AppPools pools;
  private final Rooms rooms;
  private final Attempt attempt;
  private final UpstreamEvents events;
  private final Room room;

  private State state = State.ENTERING;
  private Upstream upstream;
  private long enteredNanos;
  private boolean answered;

  private ScheduledFuture<?> deadline;
  private ArrayDeque<ByteBuf> kept;
  private Fields keptTrailers;
  private boolean requestEnded;

  AppAttempt(AppPools pools, Rooms rooms, Attempt attempt, UpstreamEvents events) {
    this.pools = pools;
    this.rooms = rooms;
    this.attempt = attempt;
    this.events = events;
    this.room = rooms.of(attempt.candidate());
    this.requestEnded = attempt.end();
  }

  /// Goes in, waits, or is refused before this returns.
  void begin() {
    if (room.tryEnter(limit())) {
      enter();
    } else if (attempt.queueNanos() > 0 && length() > 0) {
      state = State.WAITING;
      pools.counters().add(Counter.WAITED);
      deadline = loop().schedule(this::onDeadline, attempt.queueNanos(), TimeUnit.NANOSECONDS);
      rooms.offerWait(this);
    } else {
      state = State.OUT;
      events.onUpstreamFault(Fault.of(FaultKind.AT_HARD_LIMIT));
    }
  }

  private void enter() {
    state = State.INSIDE;
    enteredNanos = pools.nowNanos();
    Upstream opened = pools.open(attempt, this);
    if (state == State.OUT) {
      return;
    }
    upstream = opened;
  }

  @Override
  public void onAdmitted() {
    if (state != State.WAITING) {
      rooms.leave(room);
      return;
    }
    deadline.cancel(false);
    // The app's time begins: until now it was the room's.
    events.onRequestSent(0);
    enter();
    sendKept();
  }

  private void sendKept() {
    if (kept != null) {
      ArrayDeque<ByteBuf> data = kept;
      kept = null;
      boolean endWithData = requestEnded && keptTrailers == null;
      while (!data.isEmpty()) {
        ByteBuf next = data.poll();
        if (state == State.INSIDE) {
          upstream.sendData(next, endWithData && data.isEmpty());
        } else {
          next.release();
        }
      }
    }
    if (keptTrailers != null && state == State.INSIDE) {
      upstream.sendTrailers(keptTrailers);
    }
  }

  @Override
  public void onRefused() {
    giveUp(Fault.of(FaultKind.AT_HARD_LIMIT, "too many wait for it"));
  }

  private void onDeadline() {
    if (state == State.WAITING) {
      pools.counters().add(Counter.WAITS_TIMED_OUT);
      rooms.offerGone(this);
      giveUp(Fault.of(FaultKind.QUEUE_TIMEOUT));
    }
  }

  private void giveUp(Fault fault) {
    if (state == State.WAITING) {
      stopWaiting();
      events.onUpstreamFault(fault);
    }
  }

  private void stopWaiting() {
    state = State.OUT;
    deadline.cancel(false);
    keptTrailers = null;
    if (kept != null) {
      kept.forEach(ByteBuf::release);
      kept = null;
    }
  }

  @Override
  public Room room() {
    return room;
  }

  @Override
  public AppId app() {
    return attempt.candidate().instance().app();
  }

  @Override
  public Object host() {
    return attempt.head().authority();
  }

  @Override
  public int limit() {
    return attempt.candidate().service().hardLimit();
  }

  @Override
  public int length() {
    return attempt.candidate().service().policy().queue().length();
  }

  @Override
  public EventLoop loop() {
    return pools.loop();
  }

  // What the engine does.

  @Override
  public void sendData(ByteBuf data, boolean end) {
    requestEnded |= end;
    switch (state) {
      case ENTERING -> throw new IllegalStateException("not begun");
      case WAITING -> {
        if (kept == null) {
          kept = new ArrayDeque<>();
        }
        kept.add(data);
      }
      case INSIDE, ANSWERED -> upstream.sendData(data, end);
      case OUT -> data.release();
    }
  }

  @Override
  public void sendTrailers(Fields trailers) {
    requestEnded = true;
    switch (state) {
      case ENTERING -> throw new IllegalStateException("not begun");
      case WAITING -> keptTrailers = trailers;
      case INSIDE, ANSWERED -> upstream.sendTrailers(trailers);
      case OUT -> {}
    }
  }

  @Override
  public void cancel(Fault why) {
    switch (state) {
      case ENTERING, OUT -> {}
      case WAITING -> {
        rooms.offerGone(this);
        stopWaiting();
      }
      case INSIDE -> {
        upstream.cancel(why);
        leave();
      }
      case ANSWERED -> {
        state = State.OUT;
        upstream.cancel(why);
      }
    }
  }

  @Override
  public void consumed(int bytes) {
    if (upstream != null) {
      upstream.consumed(bytes);
    }
  }

  // What the app does.

  @Override
  public void onResponseHead(ResponseHead head, boolean end) {
    BackhaulHead.strip(head.fields());
    if (!head.informational() && !answered) {
      answered = true;
      long nowNanos = pools.nowNanos();
      room.answered(nowNanos - enteredNanos, nowNanos);
    }
    if (end) {
      onEnd();
    }
    if (!head.informational()) {
      pools.report(room, head.fields());
    }
    events.onResponseHead(head, end);
  }

  @Override
  public void onResponseData(ByteBuf data, boolean end) {
    if (end) {
      onEnd();
    }
    events.onResponseData(data, end);
  }

  @Override
  public void onResponseTrailers(Fields trailers) {
    BackhaulHead.strip(trailers);
    onEnd();
    events.onResponseTrailers(trailers);
  }

  @Override
  public void onRequestSent(int bytes) {
    events.onRequestSent(bytes);
  }

  @Override
  public void onUpstreamFault(Fault fault) {
    if (state == State.INSIDE) {
      leave();
      events.onUpstreamFault(fault);
    }
  }

  /// The response is complete. A request that is still coming is the connection's to end.
  private void onEnd() {
    if (state == State.INSIDE) {
      leave();
      if (!requestEnded) {
        state = State.ANSWERED;
      }
    }
  }

  private void leave() {
    state = State.OUT;
    rooms.leave(room);
  }
}
