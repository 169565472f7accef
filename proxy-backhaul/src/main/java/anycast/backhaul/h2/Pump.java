package anycast.backhaul.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;

/// Sends DATA: what streams have queued, a frame each by turns, as far as the windows and the
/// socket permit (RFC 9113 §5.2, §6.9).
///
/// A stream stands in line while it has bytes and window. One whose own window is used up leaves
/// the line until the peer gives more; when the connection's is used up, the line stands still.
///
/// **Threading.** The connection's event loop.
final class Pump {
  static final int DEFAULT_WINDOW_BYTES = 65_535;
  // After as much the socket is asked again whether it takes more: with TLS between, writability
  // shows only after a flush.
  private static final int TURN_BYTES = 256 << 10;

  private final Channel channel;
  private final Outbound out;
  private final Floods floods;
  private final ArrayDeque<Stream> line = new ArrayDeque<>();
  private ArrayList<Stream> sent = new ArrayList<>();
  private ArrayList<Stream> reporting = new ArrayList<>();
  private int windowBytes = DEFAULT_WINDOW_BYTES;
  private int turnBytes;
  private long queuedBytes;

  Pump(Channel channel, Outbound out, Floods floods) {
    this.channel = channel;
    this.out = out;
    this.floods = floods;
  }

  /// @return false when the window overflows, a FLOW_CONTROL_ERROR of the connection
  boolean widen(int bytes) {
    if (windowBytes > Integer.MAX_VALUE - bytes) {
      return false;
    }
    windowBytes += bytes;
    if (!line.isEmpty()) {
      out.wake();
    }
    return true;
  }

  /// Takes data of a stream, which is not empty. With nothing in its way it is written at once.
  void offer(Stream stream, ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    SendQueue queue = stream.queue();
    if (line.isEmpty()
        && queue.isEmpty()
        && bytes <= out.peerFrameBytes()
        && bytes <= windowBytes
        && bytes <= stream.sendWindowBytes()
        && writable()) {
      write(stream, data, bytes, end);
      return;
    }
    queuedBytes += bytes;
    queue.add(data);
    if (end) {
      queue.end();
    }
    ready(stream);
  }

  /// Puts a stream in line if it has what to send and may.
  void ready(Stream stream) {
    if (!stream.inLine() && !stream.queue().isEmpty() && stream.sendWindowBytes() > 0) {
      stream.inLine(true);
      line.add(stream);
      out.wake();
    }
  }

  /// At a turn's end.
  void run() {
    while (!line.isEmpty() && windowBytes > 0 && writable()) {
      Stream stream = line.poll();
      stream.inLine(false);
      SendQueue queue = stream.queue();
      int bytes =
          Math.min(
              Math.min(queue.bytes(), out.peerFrameBytes()),
              Math.min(windowBytes, stream.sendWindowBytes()));
      if (bytes <= 0) {
        continue;
      }
      ByteBuf data = queue.poll(bytes);
      bytes = data.readableBytes();
      queuedBytes -= bytes;
      boolean last = queue.isEmpty();
      write(stream, data, bytes, last && queue.ended() && queue.trailers() == null);
      if (last && queue.trailers() != null) {
        stream.writeTrailers(queue.trailers());
      }
      ready(stream);
    }
    if (turnBytes >= TURN_BYTES && !line.isEmpty()) {
      out.wake();
    }
    turnBytes = 0;
  }

  private void write(Stream stream, ByteBuf data, int bytes, boolean end) {
    windowBytes -= bytes;
    turnBytes += bytes;
    out.data(stream.id(), data, end);
    floods.dataSent();
    if (stream.wrote(bytes, end)) {
      sent.add(stream);
    }
  }

  private boolean writable() {
    return turnBytes < TURN_BYTES && channel.isWritable();
  }

  /// After the flush: tells streams what has gone, unless the socket is full. Then it waits, so
  /// that nobody refills what does not drain.
  void report() {
    if (sent.isEmpty() || !channel.isWritable()) {
      return;
    }
    ArrayList<Stream> list = sent;
    sent = reporting;
    reporting = list;
    for (int i = 0; i < list.size(); i++) {
      list.get(i).reportSent();
    }
    list.clear();
  }

  /// What waits for windows and the socket, of all streams.
  long queuedBytes() {
    return queuedBytes;
  }

  /// Drops what a stream has queued.
  void drop(SendQueue queue) {
    queuedBytes -= queue.bytes();
    queue.clear();
  }

  void close() {
    line.clear();
    sent.clear();
  }
}
