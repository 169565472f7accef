package anycast.backhaul.link;

import anycast.backhaul.h2.H2Code;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;

/// The stream on which a worker tells one edge how busy its instances are: what changed, and now
/// and then everything.
///
/// Nothing is sent while the edge has not taken what was sent before. So an edge that is slow gets
/// the newest numbers, later, and no backlog of old ones.
///
/// **Threading.** The link's event loop. **Limits.** [#MAX_BYTES] under way; where more has
/// changed, the next message goes on where this one stopped.
final class LoadStream implements StreamEvents {
  /// Some 1,500 instances.
  static final int MAX_BYTES = 64 << 10;

  /// An edge that has lost a line, because it did not know the instance yet, has it after this.
  static final long FULL_NANOS = 10_000_000_000L;

  private static final int OK = 200;
  private static final Fields NO_FIELDS = new Fields(0, 0);

  private final H2Stream stream;
  private final CounterCell counters;

  private boolean ended;
  private int unsentBytes;

  /// Lines that are newer than this edition go out; 0 = all.
  private long since;

  /// Where a message that was cut goes on, and which edition it began with.
  private int next;

  private long began;
  private long fullNanos;

  LoadStream(H2Stream stream, CounterCell counters, long nowNanos) {
    this.stream = stream;
    this.counters = counters;
    this.fullNanos = nowNanos + FULL_NANOS;
    stream.sendHead(new ResponseHead(OK, NO_FIELDS.copy()), false);
  }

  boolean ended() {
    return ended;
  }

  /// Sends what the edge does not know yet.
  void onTick(LoadEdition edition, long nowNanos) {
    if (ended || unsentBytes > 0) {
      return;
    }
    if (nowNanos - fullNanos >= 0) {
      fullNanos = nowNanos + FULL_NANOS;
      since = 0;
    }
    List<LoadEdition.Line> lines = edition.lines();
    if (next == 0) {
      began = edition.number();
    }
    ByteBuf out = null;
    int at = next;
    while (at < lines.size() && (out == null || out.readableBytes() < MAX_BYTES)) {
      LoadEdition.Line line = lines.get(at++);
      if (line.changed() > since) {
        out = out == null ? ByteBufAllocator.DEFAULT.buffer(1024) : out;
        out.writeBytes(line.text());
      }
    }
    if (at < lines.size()) {
      next = at;
    } else {
      next = 0;
      since = began;
    }
    if (out != null) {
      unsentBytes = out.readableBytes();
      counters.add(Counter.LOAD_REPORTS_SENT);
      stream.sendData(out, false);
    }
  }

  /// Ends it in order, so that the link can close.
  void end() {
    if (!ended) {
      ended = true;
      stream.sendData(Unpooled.EMPTY_BUFFER, true);
    }
  }

  /// Another one takes its place.
  void replaced() {
    if (!ended) {
      ended = true;
      stream.reset(H2Code.CANCEL);
    }
  }

  @Override
  public void onHead(ResponseHead head, boolean end) {
    throw new IllegalStateException("a response on a server's stream");
  }

  @Override
  public void onData(ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    data.release();
    stream.consumed(bytes);
  }

  @Override
  public void onTrailers(Fields trailers) {}

  @Override
  public void onSent(int bytes) {
    unsentBytes -= bytes;
  }

  @Override
  public void onReset(int errorCode) {
    ended = true;
  }

  @Override
  public void onConnectionLost() {
    ended = true;
  }
}
