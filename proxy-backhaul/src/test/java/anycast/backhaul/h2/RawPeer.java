package anycast.backhaul.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A peer that writes any bytes it likes to a connection of ours, and reads the frames that come
/// back. Its clock stands still unless told.
final class RawPeer implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /// One frame that our side sent.
  record Frame(int type, int flags, int id, byte[] payload) {
    int number(int at) {
      return Unpooled.wrappedBuffer(payload).getInt(at);
    }

    /// Such as `GOAWAY 1` and `RST 1 on 3`.
    @Override
    public String toString() {
      return switch (type) {
        case GOAWAY -> "GOAWAY " + number(4);
        case RST -> "RST " + number(0) + " on " + id;
        case WINDOW_UPDATE -> "WINDOW_UPDATE " + number(0) + " on " + id;
        case SETTINGS -> flags == ACK ? "SETTINGS ACK" : "SETTINGS";
        case PING -> flags == ACK ? "PING ACK" : "PING";
        case DATA -> "DATA " + payload.length + (flags == 0 ? "" : " end") + " on " + id;
        case HEADERS -> "HEADERS flags " + flags + " on " + id;
        default -> "frame " + type + " flags " + flags + " on " + id;
      };
    }
  }

  final EmbeddedChannel channel = new EmbeddedChannel();
  final EventLog log = new EventLog();
  final H2Connection connection;
  final List<Frame> frames = new ArrayList<>();
  long nanos;
  private final ByteBuf received = Unpooled.buffer();

  private RawPeer(boolean server, H2Limits limits) {
    connection =
        server
            ? H2Connection.server(limits, log, () -> nanos)
            : H2Connection.client(limits, log, () -> nanos);
    channel.pipeline().addLast(connection);
    channel.runPendingTasks();
  }

  /// A client that has said nothing yet.
  static RawPeer silentClient(H2Limits limits) {
    return new RawPeer(true, limits);
  }

  /// A client that is through with preface and SETTINGS.
  static RawPeer client(H2Limits limits) {
    RawPeer peer = silentClient(limits);
    peer.bytes(PREFACE);
    peer.frame(SETTINGS, 0, 0);
    peer.frame(SETTINGS, ACK, 0);
    peer.forget();
    return peer;
  }

  /// A server that is through with SETTINGS.
  static RawPeer server(H2Limits limits) {
    RawPeer peer = new RawPeer(false, limits);
    peer.read();
    peer.received.skipBytes(PREFACE.length);
    peer.frame(SETTINGS, 0, 0);
    peer.frame(SETTINGS, ACK, 0);
    peer.forget();
    return peer;
  }

  void forget() {
    frames.clear();
    log.lines.clear();
  }

  RawPeer bytes(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    channel.runPendingTasks();
    read();
    return this;
  }

  RawPeer frame(int type, int flags, int id, byte... payload) {
    return bytes(encode(type, flags, id, payload));
  }

  static byte[] encode(int type, int flags, int id, byte... payload) {
    ByteBuf frame = Unpooled.buffer(9 + payload.length);
    frame.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(id);
    return frame.writeBytes(payload).array();
  }

  /// HEADERS with END_HEADERS; fields by turns name and value.
  RawPeer headers(int id, boolean end, String... fields) {
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), id, block(fields));
  }

  /// A plain valid request.
  RawPeer get(int id, boolean end) {
    return headers(id, end, request());
  }

  /// The fields of a plain valid request, and more.
  static String[] request(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(":method", "GET", ":scheme", "https", ":authority", "a.test", ":path", "/"));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /// A field block of literals that use no table.
  static byte[] block(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      string(block, fields[i]);
      string(block, fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream out, String text) {
    int length = text.length();
    if (length < 127) {
      out.write(length);
    } else {
      out.write(127);
      int rest = length - 127;
      for (; rest >= 128; rest >>>= 7) {
        out.write(rest & 127 | 128);
      }
      out.write(rest);
    }
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static byte[] int32(int value) {
    return Unpooled.buffer(4).writeInt(value).array();
  }

  static byte[] setting(int id, int value) {
    return Unpooled.buffer(6).writeShort(id).writeInt(value).array();
  }

  /// Takes what our side sent into [#frames].
  void read() {
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      received.writeBytes(out);
      out.release();
    }
    if (received.readableBytes() >= PREFACE.length
        && received.getByte(received.readerIndex()) == 'P') {
      return;
    }
    while (received.readableBytes() >= 9) {
      int length = received.getUnsignedMedium(received.readerIndex());
      if (received.readableBytes() < 9 + length) {
        return;
      }
      received.skipBytes(3);
      int type = received.readUnsignedByte();
      int flags = received.readUnsignedByte();
      int id = received.readInt();
      byte[] payload = new byte[length];
      received.readBytes(payload);
      frames.add(new Frame(type, flags, id, payload));
    }
  }

  /// All resets and GOAWAYs seen.
  List<String> errors() {
    return frames.stream()
        .filter(frame -> frame.type() == RST || frame.type() == GOAWAY)
        .map(Frame::toString)
        .toList();
  }

  String lastError() {
    List<String> errors = errors();
    return errors.isEmpty() ? "none" : errors.getLast();
  }

  /// What one of our users does, with the turn's end that follows.
  void act(Runnable action) {
    action.run();
    channel.runPendingTasks();
    read();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
    received.release();
  }
}
