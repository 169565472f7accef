package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SingleThreadEventLoop;

/// Writes frames, one behind the other, into one buffer for each turn of the event loop; the buffer
/// goes to the socket at the turn's end, with one flush. There is no object for a frame.
///
/// A payload of some size is not copied: what has been written so far is handed to the channel,
/// then the payload itself, then a new buffer begins.
///
/// **Threading.** The connection's event loop. **Ownership.** Payloads handed in are released here
/// or by the channel.
final class Outbound {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int FRAME_HEAD_BYTES = 9;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int FIRST_BYTES = 2048;
  // Below, copying costs less than another entry in the channel's queue and another iovec.
  private static final int COPY_BYTES = 1024;

  private final ChannelHandlerContext ctx;
  private final Runnable turnEnd;
  private final HpackWriter hpack = new HpackWriter();
  private ByteBuf out;
  private int blockAt;
  private boolean unflushed;
  private boolean scheduled;
  private boolean inTurnEnd;
  private boolean closed;
  private int peerFrameBytes = 16_384;

  /// @param turnEnd to run once the event loop has done this turn's work; it calls [#flush]
  Outbound(ChannelHandlerContext ctx, Runnable turnEnd) {
    this.ctx = ctx;
    this.turnEnd =
        () -> {
          scheduled = false;
          inTurnEnd = true;
          try {
            turnEnd.run();
          } finally {
            inTurnEnd = false;
          }
        };
  }

  HpackWriter hpack() {
    return hpack;
  }

  int peerFrameBytes() {
    return peerFrameBytes;
  }

  void peerFrameBytes(int bytes) {
    peerFrameBytes = bytes;
  }

  /// Asks for a turn's end. What the turn's end itself causes waits for the next turn: a peer that
  /// takes everything at once must not keep the loop from its other work.
  void wake() {
    if (scheduled || closed) {
      return;
    }
    scheduled = true;
    if (!inTurnEnd && ctx.executor() instanceof SingleThreadEventLoop loop && !loop.isShutdown()) {
      loop.executeAfterEventLoopIteration(turnEnd);
    } else if (!ctx.executor().isShutdown()) {
      ctx.executor().execute(turnEnd);
    }
  }

  void raw(byte[] bytes) {
    buffer(bytes.length).writeBytes(bytes);
    wake();
  }

  void request(int id, RequestHead head, boolean end) {
    ByteBuf block = beginBlock();
    if (head.upgrade() == null) {
      hpack.pseudo(block, Heads.METHOD, head.method());
    } else {
      hpack.pseudo(block, Heads.METHOD, Heads.CONNECT);
      hpack.pseudo(block, Heads.PROTOCOL, head.upgrade());
    }
    if (!head.scheme().isEmpty()) {
      hpack.pseudo(block, Heads.SCHEME, head.scheme());
    }
    hpack.pseudo(block, Heads.AUTHORITY, head.authority());
    if (!head.path().isEmpty()) {
      hpack.pseudo(block, Heads.PATH, head.path());
    }
    hpack.fields(block, head.fields());
    endBlock(id, end);
  }

  void response(int id, int status, Fields fields, boolean end) {
    ByteBuf block = beginBlock();
    hpack.status(block, status);
    hpack.fields(block, fields);
    endBlock(id, end);
  }

  void trailers(int id, Fields fields) {
    hpack.fields(beginBlock(), fields);
    endBlock(id, true);
  }

  private ByteBuf beginBlock() {
    ByteBuf block = buffer(FIRST_BYTES);
    blockAt = block.writerIndex();
    block.writeZero(FRAME_HEAD_BYTES);
    hpack.begin(block);
    return block;
  }

  private void endBlock(int id, boolean end) {
    int length = out.writerIndex() - blockAt - FRAME_HEAD_BYTES;
    int flags = end ? END_STREAM : 0;
    if (length <= peerFrameBytes) {
      head(blockAt, length, HEADERS, flags | END_HEADERS, id);
    } else {
      head(blockAt, peerFrameBytes, HEADERS, flags, id);
      continuations(id, blockAt + FRAME_HEAD_BYTES + peerFrameBytes);
    }
    wake();
  }

  // Moves what did not fit the first frame apart, to make room for the heads between.
  private void continuations(int id, int from) {
    ByteBuf rest = out.copy(from, out.writerIndex() - from);
    try {
      out.writerIndex(from);
      while (rest.isReadable()) {
        int length = Math.min(peerFrameBytes, rest.readableBytes());
        frame(length, CONTINUATION, length == rest.readableBytes() ? END_HEADERS : 0, id);
        out.writeBytes(rest, length);
      }
    } finally {
      rest.release();
    }
  }

  /// One DATA frame; the payload fits the peer's frame size.
  void data(int id, ByteBuf payload, boolean end) {
    int length = payload.readableBytes();
    boolean copy = length <= COPY_BYTES;
    frame(length, DATA, end ? END_STREAM : 0, id, copy ? length : 0);
    if (copy) {
      out.writeBytes(payload);
      payload.release();
    } else {
      hand();
      ctx.write(payload, ctx.voidPromise());
      unflushed = true;
    }
    wake();
  }

  /// END_STREAM alone.
  void end(int id) {
    frame(0, DATA, END_STREAM, id);
    wake();
  }

  void rst(int id, int code) {
    frame(4, RST_STREAM, 0, id);
    out.writeInt(code);
    wake();
  }

  void windowUpdate(int id, int bytes) {
    frame(4, WINDOW_UPDATE, 0, id);
    out.writeInt(bytes);
    wake();
  }

  void ping(long opaque, boolean ack) {
    frame(8, PING, ack ? ACK : 0, 0);
    out.writeLong(opaque);
    wake();
  }

  void goAway(int lastId, int code) {
    frame(8, GOAWAY, 0, 0);
    out.writeInt(lastId).writeInt(code);
    wake();
  }

  void settingsAck() {
    frame(0, SETTINGS, ACK, 0);
    wake();
  }

  /// SETTINGS_INITIAL_WINDOW_SIZE alone.
  void firstWindow(int bytes) {
    settings(4, bytes);
  }

  /// @param pairs identifier and value by turns
  void settings(int... pairs) {
    frame(pairs.length * 3, SETTINGS, 0, 0);
    for (int i = 0; i < pairs.length; i += 2) {
      out.writeShort(pairs[i]).writeInt(pairs[i + 1]);
    }
    wake();
  }

  /// What is written and not handed to the channel yet.
  int heldBytes() {
    return out == null ? 0 : out.readableBytes();
  }

  /// Hands everything written to the channel and flushes it.
  void flush() {
    hand();
    if (unflushed) {
      unflushed = false;
      ctx.flush();
    }
  }

  /// No more turns; what was not handed to the channel is dropped.
  void close() {
    closed = true;
    if (out != null) {
      out.release();
      out = null;
    }
  }

  private void hand() {
    if (out != null && out.isReadable()) {
      ByteBuf full = out;
      out = null;
      unflushed = true;
      ctx.write(full, ctx.voidPromise());
    }
  }

  private void frame(int length, int type, int flags, int id) {
    frame(length, type, flags, id, length);
  }

  private void frame(int length, int type, int flags, int id, int room) {
    ByteBuf buffer = buffer(FRAME_HEAD_BYTES + room);
    int at = buffer.writerIndex();
    buffer.writerIndex(at + FRAME_HEAD_BYTES);
    head(at, length, type, flags, id);
  }

  private void head(int at, int length, int type, int flags, int id) {
    out.setMedium(at, length);
    out.setByte(at + 3, type);
    out.setByte(at + 4, flags);
    out.setInt(at + 5, id);
  }

  private ByteBuf buffer(int room) {
    if (out == null) {
      out = ctx.alloc().directBuffer(Math.max(FIRST_BYTES, room));
    } else {
      out.ensureWritable(room);
    }
    return out;
  }
}
