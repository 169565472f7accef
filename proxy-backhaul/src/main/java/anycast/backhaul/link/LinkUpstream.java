package anycast.backhaul.link;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.feed.LoadLines;
import anycast.routing.pick.Candidate;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/// One attempt on the edge: a stream of a link, or a place in the queue for one.
///
/// ```
///   WAITING ── link stands ──► STREAMING ── reset, link lost, both ends ──► ENDED
///      │                           └── response ended first ──► ANSWERED ──► ▲
///      └────────── dial failed, cancelled ──────────────────────────────────┘
/// ```
///
/// The same class serves apps that speak HTTP/2: what a failure means there is [LinkFaults]' say.
///
/// **Threading.** The link's event loop. **Ownership.** Holds the buffers that came while waiting.
/// **Limits.** These are bounded by the downstream's window. **Faults.** What did not reach the
/// worker is told as safe: while waiting nothing has left this process.
final class LinkUpstream implements Upstream, StreamEvents {
  /// For a large response: 1 MiB more at 80 ms of round trip is 16 MB/s.
  private static final int WIDE_WINDOW_BYTES = 1 << 20;

  /// Response bytes that make it large once the client took them: a quarter of the first window, so
  /// that the wider one is there before the first is used up, and small responses cost no frame.
  private static final int LARGE_BYTES = 64 << 10;

  private static final int OK = 200;
  private static final int SWITCHING = 101;

  private enum State {
    WAITING,
    STREAMING,
    ANSWERED,
    ENDED
  }

  private final LinkSet links;
  private final RequestHead head;
  private final Candidate candidate;
  private final UpstreamEvents events;

  private State state = State.WAITING;
  private H2Stream stream;
  private ArrayDeque<ByteBuf> kept;
  private Fields keptTrailers;
  private boolean requestEnded;

  /// How long it goes on waiting whatever becomes of dials; meant where `patient`.
  private long patienceNanos;

  private boolean patient;

  /// Counts up to [#LARGE_BYTES] only.
  private int takenBytes;

  /// @param head with the backhaul head's fields
  /// @param candidate whose load the answer tells of; null where answers tell of none
  LinkUpstream(
      LinkSet links, RequestHead head, boolean end, Candidate candidate, UpstreamEvents events) {
    this.links = links;
    this.candidate = candidate;
    this.head = head;
    this.requestEnded = end;
    this.events = events;
  }

  /// Waits longer than a dial usually takes: nobody else can be asked.
  void bePatient(long nanos) {
    patient = true;
    patienceNanos = nanos;
  }

  boolean isPatient() {
    return patient;
  }

  /// Has it wait so much longer.
  ///
  /// @return whether its patience has ended; never where it had none
  boolean tires(long nanos) {
    patienceNanos -= nanos;
    return patient && patienceNanos <= 0;
  }

  /// Leaves the queue for a stream of `link`.
  void start(Link link) {
    boolean bare = requestEnded && kept == null && keptTrailers == null;
    state = State.STREAMING;
    H2Stream opened = link.open(head, bare, this);
    if (opened == null) {
      fail(links.faults().noStream(head.upgrade() != null));
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
    boolean answered = state == State.ANSWERED || state == State.ENDED;
    end();
    if (!answered) {
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
      case ANSWERED, ENDED -> data.release();
    }
  }

  @Override
  public void sendTrailers(Fields trailers) {
    requestEnded = true;
    switch (state) {
      case WAITING -> keptTrailers = trailers;
      case STREAMING -> stream.sendTrailers(trailers);
      case ANSWERED, ENDED -> {}
    }
  }

  @Override
  public void cancel(Fault why) {
    switch (state) {
      case WAITING -> links.forget(this);
      case STREAMING, ANSWERED -> stream.reset(H2Code.CANCEL);
      case ENDED -> {}
    }
    end();
  }

  @Override
  public void consumed(int bytes) {
    if (stream == null) {
      return;
    }
    stream.consumed(bytes);
    if (state == State.STREAMING && takenBytes < LARGE_BYTES) {
      takenBytes += bytes;
      if (takenBytes >= LARGE_BYTES) {
        stream.widenWindow(WIDE_WINDOW_BYTES);
      }
    }
  }

  @Override
  public void onHead(ResponseHead answer, boolean end) {
    if (state != State.STREAMING) {
      return;
    }
    ResponseHead shown = answer;
    if (answer.status() == SWITCHING && !links.faults().switched(answer)) {
      // The engine takes any 200 to an extended CONNECT for a switch; this app only ignored it.
      shown = new ResponseHead(OK, answer.fields());
    }
    hearLoad(shown.fields());
    BackhaulHead.strip(shown.fields());
    if (end) {
      finish();
    }
    events.onResponseHead(shown, end);
  }

  private void hearLoad(Fields fields) {
    int at = candidate == null ? -1 : fields.find(BackhaulHead.LOAD);
    if (at >= 0) {
      int start = fields.valueStart(at);
      int stop = start + fields.valueLength(at);
      LoadLines.numbers(candidate.load(), fields.array(), start, stop, links.nowNanos());
    }
  }

  @Override
  public void onData(ByteBuf data, boolean end) {
    if (state != State.STREAMING) {
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
    if (state == State.STREAMING) {
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
    fail(links.faults().reset(errorCode));
  }

  @Override
  public void onStalled() {
    fail(Fault.of(FaultKind.CLIENT_STALLED, "its link has no room for it"));
  }

  @Override
  public void onConnectionLost() {
    fail(links.faults().lost());
  }

  /// The response is complete. A request that is still under way is not wanted any more: the engine
  /// cancels, which resets the stream.
  private void finish() {
    if (requestEnded) {
      end();
    } else {
      state = State.ANSWERED;
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
