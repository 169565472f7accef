package anycast.backhaul.link;

import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.wire.BackhaulHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/// An edge's request as one stream of a link, seen from the worker.
///
/// ```
///   OPEN ── response ended, fault, reset, link lost ──► ENDED
/// ```
///
/// A fault before the response head is a reset whose code says which; that code is all that the
/// edge needs to try elsewhere. What an app may not say to an edge, the connector has taken out of
/// its answers.
///
/// **Threading.** The link's event loop. **Flow.** The first window of 64 KiB is what the edge
/// keeps for a replay; it is widened when the first bytes have gone to the app, as from then on
/// nobody replays.
final class LinkDownstream implements Downstream, StreamEvents {
  /// 12 MB/s of upload from an edge 80 ms away.
  static final int WIDE_WINDOW_BYTES = 1 << 20;

  private static final int SWITCHING = 101;

  private final H2Stream stream;
  private final CounterCell counters;
  private Exchange exchange;
  private boolean ended;
  private boolean widened;

  LinkDownstream(H2Stream stream, CounterCell counters) {
    this.stream = stream;
    this.counters = counters;
  }

  /// Does what was planned.
  void begin(Plan plan, Exchanges exchanges, boolean end, EventLoop loop) {
    switch (plan) {
      case Plan.Forward forward -> begun(exchanges.begin(this, forward, end, loop));
      case Plan.Await wait -> begun(exchanges.begin(this, wait, end, loop));
      case Plan.Answer(ResponseHead head) -> sendHead(head, true);
      case Plan.Refuse(Fault fault) -> sendFault(fault);
    }
  }

  private void begun(Exchange begun) {
    if (!ended) {
      exchange = begun;
    }
  }

  @Override
  public void sendInformational(ResponseHead head) {
    stream.sendHead(head, false);
  }

  @Override
  public void sendHead(ResponseHead head, boolean end) {
    if (head.status() == SWITCHING) {
      BackhaulHead.markSwitched(head.fields());
      widen();
    }
    stream.sendHead(head, end);
    answered(end);
  }

  @Override
  public void sendData(ByteBuf data, boolean end) {
    stream.sendData(data, end);
    answered(end);
  }

  @Override
  public void sendTrailers(Fields trailers) {
    stream.sendTrailers(trailers);
    answered(true);
  }

  @Override
  public void sendFault(Fault fault) {
    finish();
    count(fault.kind());
    stream.reset(fault.kind().linkReset());
  }

  @Override
  public void consumed(int bytes) {
    stream.consumed(bytes);
    widen();
  }

  @Override
  public void onHead(ResponseHead head, boolean end) {
    throw new IllegalStateException("a response on a server's stream");
  }

  @Override
  public void onData(ByteBuf data, boolean end) {
    if (exchange == null) {
      // Nobody wants it; the other streams want its window.
      int bytes = data.readableBytes();
      data.release();
      stream.consumed(bytes);
    } else {
      exchange.onRequestData(data, end);
    }
  }

  @Override
  public void onTrailers(Fields trailers) {
    if (exchange != null) {
      exchange.onRequestTrailers(trailers);
    }
  }

  @Override
  public void onSent(int bytes) {
    if (exchange != null) {
      exchange.onResponseSent(bytes);
    }
  }

  @Override
  public void onReset(int errorCode) {
    String detail = errorCode == H2Code.CANCEL ? "edge cancelled" : "edge reset " + errorCode;
    gone(Fault.of(FaultKind.CLIENT_GONE, detail));
  }

  @Override
  public void onStalled() {
    gone(Fault.of(FaultKind.APP_TIMEOUT, "app takes nothing of the request"));
  }

  @Override
  public void onConnectionLost() {
    gone(Fault.of(FaultKind.CLIENT_GONE, "link lost"));
  }

  private void gone(Fault fault) {
    Exchange left = exchange;
    finish();
    if (left != null) {
      left.onDownstreamGone(fault);
    }
  }

  private void count(FaultKind kind) {
    if (kind == FaultKind.UNKNOWN_INSTANCE) {
      counters.add(Counter.REFUSED_UNKNOWN_INSTANCE);
    } else if (kind == FaultKind.NOT_RUNNING) {
      counters.add(Counter.REFUSED_NOT_RUNNING);
    } else if (kind == FaultKind.AT_HARD_LIMIT) {
      counters.add(Counter.REFUSED_AT_LIMIT);
    } else if (kind == FaultKind.INSTANCE_NOT_READY) {
      counters.add(Counter.REFUSED_NOT_READY);
    } else if (kind == FaultKind.INSTANCE_CORDONED) {
      counters.add(Counter.REFUSED_CORDONED);
    }
  }

  private void widen() {
    if (!widened && !ended) {
      widened = true;
      stream.widenWindow(WIDE_WINDOW_BYTES);
    }
  }

  private void answered(boolean end) {
    if (end) {
      finish();
    }
  }

  private void finish() {
    ended = true;
    exchange = null;
  }
}
