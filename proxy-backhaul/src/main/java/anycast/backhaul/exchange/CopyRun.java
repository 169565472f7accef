package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.routing.pick.Candidate;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/// A request's copy: sent along with the original to a candidate of its own, its answer dropped.
///
/// ```
///   begin ──► UNDER WAY ── answer's end, fault, lags, too late, original broken off ──► OVER
///                 └── refused before any of the body was sent: the next candidate ──► UNDER WAY
/// ```
///
/// Whatever happens here, the original does not notice: it gives a copy of each buffer and waits
/// for nothing. A copy that is behind by more than the bound is cancelled. It teaches nothing about
/// its instance but the load that it is, and draws on nobody's budget of retries.
///
/// **Threading.** The exchange's event loop. **Ownership.** Buffers go on at once; bytes that are
/// not sent yet are taken from [KeptBytes].
final class CopyRun implements UpstreamEvents {
  /// Where the terms name no time for a response.
  private static final long USUAL_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final Fault DROPPED = Fault.of(FaultKind.CLIENT_GONE, "copy given up");

  private final Exchanges shared;
  private final LiveExchanges live;
  private final Plan.Forward plan;
  private final Terms.Copy copy;

  private Upstream upstream;
  private Candidate reserved;
  private int nextCandidate;
  private boolean opening;
  private Fault faultWhileOpening;
  private boolean bodyBegun;
  private boolean requestEnded;
  private int lagBytes;
  private boolean over;

  /// When the original ended; it has as long as a response may take from then on.
  private boolean alone;

  private long aloneSinceNanos;

  CopyRun(Exchanges shared, LiveExchanges live, Plan.Forward plan, Terms.Copy copy) {
    this.shared = shared;
    this.live = live;
    this.plan = plan;
    this.copy = copy;
  }

  /// Opens it at the first candidate that takes it.
  ///
  /// @param body what came of it so far; null where there is none
  void begin(Replay body, boolean end) {
    requestEnded = end;
    boolean bare = end && (body == null || body.isEmpty());
    open(bare);
    if (!over && body != null && !body.isEmpty()) {
      body.copyInto(this, end);
    }
  }

  boolean isOver() {
    return over;
  }

  /// Request data; the buffer belongs to the copy.
  void onData(ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    if (over) {
      data.release();
      return;
    }
    boolean fits = lagBytes + bytes <= shared.limits().copyLagBytes() && shared.kept().take(bytes);
    if (!fits) {
      data.release();
      live.count(Counter.COPIES_CUT);
      cancel();
      return;
    }
    lagBytes += bytes;
    bodyBegun = true;
    requestEnded |= end;
    upstream.sendData(data, end);
  }

  void onTrailers(Fields trailers) {
    if (!over) {
      requestEnded = true;
      upstream.sendTrailers(trailers);
    }
  }

  /// The original has ended: what is not here of the request will not come.
  void onOriginalEnd(long nowNanos) {
    if (over) {
      return;
    }
    if (!requestEnded) {
      cancel();
    }
    alone = true;
    aloneSinceNanos = nowNanos;
  }

  /// Called by the sweep.
  void onSweep(long nowNanos) {
    long limit = plan.timeouts().responseNanos();
    if (!over && alone && nowNanos - aloneSinceNanos >= (limit > 0 ? limit : USUAL_NANOS)) {
      live.count(Counter.COPIES_CUT);
      cancel();
    }
  }

  private void open(boolean bare) {
    while (nextCandidate < copy.candidates().size()) {
      Candidate candidate = copy.candidates().get(nextCandidate++);
      if (!shared.connector().reserve(candidate)) {
        continue;
      }
      reserved = candidate;
      opening = true;
      faultWhileOpening = null;
      Attempt what =
          new Attempt(
              candidate, plan.arrival(), copy.head(), bare, plan.timeouts().connectNanos(), 0, 0);
      upstream = shared.connector().open(what, this);
      opening = false;
      if (faultWhileOpening == null) {
        return;
      }
      release();
    }
    live.count(Counter.COPIES_FAILED);
    end();
  }

  private void cancel() {
    Upstream open = upstream;
    end();
    if (open != null) {
      open.cancel(DROPPED);
    }
  }

  /// The one ending.
  private void end() {
    over = true;
    upstream = null;
    release();
    shared.kept().give(lagBytes);
    lagBytes = 0;
    shared.copyEnded();
  }

  private void release() {
    if (reserved != null) {
      shared.connector().release(reserved);
      reserved = null;
    }
  }

  private void answered() {
    if (requestEnded) {
      end();
    } else {
      cancel();
    }
  }

  @Override
  public void onRequestSent(int bytes) {
    if (!over) {
      int sent = Math.min(bytes, lagBytes);
      lagBytes -= sent;
      shared.kept().give(sent);
    }
  }

  @Override
  public void onResponseHead(ResponseHead head, boolean end) {
    if (!over && end) {
      answered();
    }
  }

  @Override
  public void onResponseData(ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    data.release();
    if (over) {
      return;
    }
    upstream.consumed(bytes);
    if (end && !over) {
      answered();
    }
  }

  @Override
  public void onResponseTrailers(Fields trailers) {
    if (!over) {
      answered();
    }
  }

  @Override
  public void onUpstreamFault(Fault fault) {
    if (opening) {
      faultWhileOpening = fault;
    } else if (!over) {
      release();
      upstream = null;
      if (fault.retrySafe() && !bodyBegun) {
        open(requestEnded);
      } else {
        live.count(Counter.COPIES_FAILED);
        end();
      }
    }
  }
}
