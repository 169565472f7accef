package anycast.backhaul.link;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.wire.BackhaulHead;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/// One attempt on the edge: a stream of a link, or a place in the queue for one.
///
/// ```
///   WAITING ── link stands ──► STREAMING ── end, reset, link lost ──► ENDED
///      └────────── dial failed, cancelled ─────────────────────────────▲
/// ```
///
/// **Threading.** The link's event loop. **Ownership.** Holds the buffers that came while waiting.
/// **Limits.** These are bounded by the downstream's window. **Faults.** What did not reach the
/// worker is told as safe: while waiting nothing has left this process.
final class LinkUpstream implements Upstream, StreamEvents {
  /// CANCEL of RFC 9113 §7: whoever reads it needs no more of the stream.
  private static final int CANCEL = 0x8;

  private static final int ACCEPTED = 200;
  private static final int SWITCHING = 101;

  private enum State {
    WAITING,
    STREAMING,
    ENDED
  }

  private final NodeLinks links;
  private final RequestHead head;
  private final UpstreamEvents events;

  private State state = State.WAITING;
  private H2Stream stream;
  private ArrayDeque<ByteBuf> kept;
  private Fields keptTrailers;
  private boolean requestEnded;

  /// @param head with the backhaul head's fields
  LinkUpstream(NodeLinks links, RequestHead head, boolean end, UpstreamEvents events) {
    this.links = links;
    this.head = head;
    this.requestEnded = end;
    this.events = events;
  }

  /// Leaves the queue for a stream of `link`.
  void start(Link link) {
    boolean bare = requestEnded && kept == null && keptTrailers == null;
    state = State.STREAMING;
    H2Stream opened = link.open(head, bare, this);
    if (opened == null) {
      fail(Fault.of(FaultKind.NOT_PROCESSED, "link takes no more streams"));
      return;
    }
    stream = opened;
    if (kept != null) {
      ArrayDeque<ByteBuf> data = kept;
      kept = null;
      boolean endWithData = requestEnded && keptTrailers == null;
      while (!data.isEmpty()) {
        ByteBuf next = data.poll();
        stream.sendData(next, endWithData && data.isEmpty());
      }
    }
    if (keptTrailers != null && state == State.STREAMING) {
      stream.sendTrailers(keptTrailers);
    }
  }

  /// Ends the attempt badly.
  void fail(Fault fault) {
    if (state != State.ENDED) {
      end();
      events.onUpstreamFault(fault);
    }
  }

  @Override
  public void sendData(ByteBuf data, boolean end) {
    requestEnded |= end;
    switch (state) {
      case WAITING -> {
        if (kept == null) {
          kept = new ArrayDeque<>();
        }
        kept.add(data);
      }
      case STREAMING -> stream.sendData(data, end);
      case ENDED -> data.release();
    }
  }

  @Override
  public void sendTrailers(Fields trailers) {
    requestEnded = true;
    switch (state) {
      case WAITING -> keptTrailers = trailers;
      case STREAMING -> stream.sendTrailers(trailers);
      case ENDED -> {}
    }
  }

  @Override
  public void cancel(Fault why) {
    switch (state) {
      case WAITING -> links.forget(this);
      case STREAMING -> stream.reset(CANCEL);
      case ENDED -> {}
    }
    end();
  }

  @Override
  public void consumed(int bytes) {
    if (stream != null) {
      stream.consumed(bytes);
    }
  }

  @Override
  public void onHead(ResponseHead answer, boolean end) {
    if (state == State.ENDED) {
      return;
    }
    ResponseHead shown = answer;
    if (head.upgrade() != null
        && answer.status() == ACCEPTED
        && BackhaulHead.isSwitched(answer.fields())) {
      shown = new ResponseHead(SWITCHING, answer.fields());
    }
    BackhaulHead.strip(shown.fields());
    if (end) {
      finish();
    }
    events.onResponseHead(shown, end);
  }

  @Override
  public void onData(ByteBuf data, boolean end) {
    if (state == State.ENDED) {
      data.release();
      return;
    }
    if (end) {
      finish();
    }
    events.onResponseData(data, end);
  }

  @Override
  public void onTrailers(Fields trailers) {
    if (state != State.ENDED) {
      finish();
      events.onResponseTrailers(trailers);
    }
  }

  @Override
  public void onSent(int bytes) {
    if (state == State.STREAMING) {
      events.onRequestSent(bytes);
    }
  }

  @Override
  public void onReset(int errorCode) {
    FaultKind kind = FaultKind.ofReset(errorCode);
    fail(Fault.of(kind, kind == FaultKind.LINK_LOST ? "stream reset " + errorCode : ""));
  }

  @Override
  public void onConnectionLost() {
    fail(new Fault(FaultKind.LINK_LOST, Fault.Scope.CONNECTION, ""));
  }

  /// The response is complete. A request that is still under way is not wanted any more: the engine
  /// cancels, which resets the stream.
  private void finish() {
    if (requestEnded) {
      end();
    }
  }

  private void end() {
    state = State.ENDED;
    keptTrailers = null;
    if (kept != null) {
      kept.forEach(ByteBuf::release);
      kept = null;
    }
  }
}
