package anycast.backhaul.worker;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.ArrayDeque;

/// One attempt at an app over HTTP/1.1.
///
/// ```
///   WAITING ── connection's turn ──► SENT ── response ended, fault, cancelled ──► ENDED
///      ▲   └── connect failed ─────────┼───────────────────────────────────────────▲
///      └── reused connection was dead ─┘
/// ```
///
/// An app may close an idle connection in the moment in which we choose it. That is nobody's fault
/// and costs the client nothing where we can prove that sending again is right: nothing was written
/// yet, or the request has no body, its method is idempotent and not one byte of a response came
/// (RFC 9112 §9.3.1, RFC 9110 §9.2.2). A fresh connection has no such excuse.
///
/// **Threading.** One event loop. **Ownership.** Holds the buffers that came while waiting, bounded
/// by the downstream's window.
final class AppUpstream implements Upstream {
  private static final AsciiString[] IDEMPOTENT = {
    AsciiString.cached("GET"),
    AsciiString.cached("HEAD"),
    AsciiString.cached("OPTIONS"),
    AsciiString.cached("PUT"),
    AsciiString.cached("DELETE"),
    AsciiString.cached("TRACE")
  };

  private enum State {
    WAITING,
    SENT,
    ENDED
  }

  private final AppPool pool;
  private final RequestHead head;
  private final UpstreamEvents events;
  private final Way way;
  private final boolean bare;

  private State state = State.WAITING;
  private AppConnection connection;

  /// For an upgrade: the app has switched, bytes go through as they are.
  private boolean switched;

  private ArrayDeque<ByteBuf> kept;
  private Fields keptTrailers;
  private boolean requestEnded;

  /// How it gets its connection.
  ///
  /// @param alone on one that carries nothing else, before or after
  /// @param connectMillis that a new one may take
  record Way(boolean alone, int connectMillis) {}

  AppUpstream(AppPool pool, RequestHead head, boolean end, Way way, UpstreamEvents events) {
    this.pool = pool;
    this.way = way;
    this.head = head;
    this.bare = end;
    this.requestEnded = end;
    this.events = events;
  }

  RequestHead head() {
    return head;
  }

  Way way() {
    return way;
  }

  boolean isWaiting() {
    return state == State.WAITING;
  }

  /// Whether the whole request has been handed over.
  boolean requestEnded() {
    return requestEnded;
  }

  /// A connection was found; it calls [#onTurn] when it can be written to.
  void attach(AppConnection found) {
    connection = found;
  }

  /// Writes what there is.
  void onTurn() {
    state = State.SENT;
    boolean nothingFollows = bare || requestEnded && kept == null && keptTrailers == null;
    connection.writeHead(head, nothingFollows);
    if (head.upgrade() == null) {
      writeKept();
    }
  }

  private void writeKept() {
    if (kept != null) {
      ArrayDeque<ByteBuf> data = kept;
      kept = null;
      boolean endWithData = requestEnded && keptTrailers == null;
      while (!data.isEmpty()) {
        // A body that is not as long as announced ends the attempt in the middle of this.
        sendKept(data.poll(), endWithData && data.isEmpty());
      }
    }
    if (keptTrailers != null && state == State.SENT) {
      Fields trailers = keptTrailers;
      keptTrailers = null;
      connection.writeTrailers(trailers);
    }
  }

  private void sendKept(ByteBuf data, boolean end) {
    if (state == State.SENT) {
      connection.writeData(data, end);
    } else {
      data.release();
    }
  }

  @Override
  public void sendData(ByteBuf data, boolean end) {
    requestEnded |= end;
    switch (state) {
      case WAITING -> keep(data);
      case SENT -> {
        if (head.upgrade() == null || switched) {
          connection.writeData(data, end);
        } else {
          keep(data);
        }
      }
      case ENDED -> data.release();
    }
  }

  private void keep(ByteBuf data) {
    if (kept == null) {
      kept = new ArrayDeque<>();
    }
    kept.add(data);
  }

  @Override
  public void sendTrailers(Fields trailers) {
    requestEnded = true;
    switch (state) {
      case WAITING -> keptTrailers = trailers;
      case SENT -> connection.writeTrailers(trailers);
      case ENDED -> {}
    }
  }

  @Override
  public void cancel(Fault why) {
    if (state != State.ENDED) {
      AppConnection open = connection;
      end();
      if (open != null) {
        open.close();
      }
    }
  }

  @Override
  public void consumed(int bytes) {
    if (connection != null) {
      connection.consumed(bytes);
    }
  }

  void onConnectFailed(Throwable cause) {
    if (state == State.WAITING) {
      fail(AppFaults.connect(cause));
    }
  }

  /// The connection ended without a whole response.
  ///
  /// @param reused it had carried requests before
  /// @param answered bytes of a response came
  void onLost(boolean reused, boolean answered, Fault fault) {
    boolean unwritten = state == State.WAITING;
    boolean repeatable = state == State.SENT && bare && !answered && isIdempotent();
    if (state != State.ENDED && reused && (unwritten || repeatable)) {
      state = State.WAITING;
      connection = null;
      pool.replace(this);
    } else {
      fail(fault);
    }
  }

  void fail(Fault fault) {
    if (state != State.ENDED) {
      end();
      events.onUpstreamFault(fault);
    }
  }

  void onHead(ResponseHead answer, boolean end) {
    if (end) {
      end();
    } else if (answer.status() == 101) {
      switched = true;
    }
    events.onResponseHead(answer, end);
    if (switched && state == State.SENT) {
      writeKept();
    }
  }

  void onData(ByteBuf data, boolean end) {
    if (end) {
      end();
    }
    events.onResponseData(data, end);
  }

  void onTrailers(Fields trailers) {
    end();
    events.onResponseTrailers(trailers);
  }

  void onSent(int bytes) {
    if (state == State.SENT) {
      events.onRequestSent(bytes);
    }
  }

  private boolean isIdempotent() {
    for (AsciiString method : IDEMPOTENT) {
      if (method.contentEquals(head.method())) {
        return true;
      }
    }
    return false;
  }

  private void end() {
    state = State.ENDED;
    connection = null;
    keptTrailers = null;
    if (kept != null) {
      kept.forEach(ByteBuf::release);
      kept = null;
    }
  }
}
