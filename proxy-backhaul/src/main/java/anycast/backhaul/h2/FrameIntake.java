package anycast.backhaul.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;

/// From bytes to frames: the preface, what a read leaves over, and Netty's frame reader with our
/// limits, whose exceptions become faults of a stream or of the connection.
///
/// **Limits.** A field block above the limit resets its stream; above five quarters of it, or in
/// too many small CONTINUATIONs, it ends the connection, and nothing of it is kept (RFC 9113
/// §10.5.1).
final class FrameIntake {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int SETTINGS_ENABLE_PUSH = 2;
  private static final int SETTINGS_MAX_CONCURRENT_STREAMS = 3;
  private static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
  private static final int SETTINGS_MAX_FRAME_SIZE = 5;
  private static final int SETTINGS_MAX_HEADER_LIST_SIZE = 6;
  private static final int SETTINGS_ENABLE_CONNECT_PROTOCOL = 8;

  /// The HPACK decoder, filling our own form of a head.
  private static final class Decoder extends DefaultHttp2HeadersDecoder {
    private final HeadSink sink;

    Decoder(int maxListBytes) {
      super(false, false, maxListBytes + maxListBytes / 4);
      sink = new HeadSink(maxListBytes);
    }

    @Override
    protected Http2Headers newHeaders() {
      return sink.begin();
    }
  }

  private final H2Connection connection;
  private final Inbound inbound;
  private final H2Limits limits;
  private final DefaultHttp2FrameReader reader;
  private int prefaceAt;
  private ByteBuf left;
  private int capacity;
  private boolean closed;

  FrameIntake(H2Connection connection, Inbound inbound, H2Limits limits) {
    this.connection = connection;
    this.inbound = inbound;
    this.limits = limits;
    this.reader =
        new DefaultHttp2FrameReader(
            new Decoder(limits.maxHeaderListBytes()), limits.maxContinuations());
    this.prefaceAt = connection.isServer() ? 0 : PREFACE.length;
    try {
      reader.maxFrameSize(limits.maxFrameBytes());
    } catch (Http2Exception e) {
      throw new IllegalArgumentException("maxFrameBytes " + limits.maxFrameBytes(), e);
    }
  }

  /// Our first words: preface and SETTINGS (RFC 9113 §3.4). Push is refused both by ENABLE_PUSH and
  /// by a client's limit of no streams.
  void writePreface(Outbound out) {
    int frame = limits.maxFrameBytes();
    int list = limits.maxHeaderListBytes();
    int window = limits.streamWindowBytes();
    if (!connection.isServer()) {
      out.raw(PREFACE);
      out.settings(
          SETTINGS_ENABLE_PUSH, 0,
          SETTINGS_MAX_CONCURRENT_STREAMS, 0,
          SETTINGS_INITIAL_WINDOW_SIZE, window,
          SETTINGS_MAX_FRAME_SIZE, frame,
          SETTINGS_MAX_HEADER_LIST_SIZE, list);
    } else {
      out.settings(
          SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxStreams(),
          SETTINGS_INITIAL_WINDOW_SIZE, window,
          SETTINGS_MAX_FRAME_SIZE, frame,
          SETTINGS_MAX_HEADER_LIST_SIZE, list,
          SETTINGS_ENABLE_CONNECT_PROTOCOL, limits.extendedConnect() ? 1 : 0);
    }
  }

  /// Takes what the socket gave; the buffer belongs to this method.
  void read(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (closed || connection.isClosed()) {
      bytes.release();
      return;
    }
    ByteBuf in = bytes;
    if (left != null) {
      in = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), left, bytes);
      left = null;
    }
    capacity = in.capacity();
    if (preface(in)) {
      frames(ctx, in);
    }
    if (in.isReadable() && !closed && !connection.isClosed()) {
      left = in;
    } else {
      in.release();
    }
  }

  private boolean preface(ByteBuf in) {
    while (prefaceAt < PREFACE.length) {
      if (!in.isReadable()) {
        return false;
      }
      if (in.readByte() != PREFACE[prefaceAt++]) {
        connection.fail(H2Code.PROTOCOL_ERROR, "not an HTTP/2 preface");
        return false;
      }
    }
    return true;
  }

  private void frames(ChannelHandlerContext ctx, ByteBuf in) {
    boolean again = true;
    while (again && !connection.isClosed()) {
      again = false;
      try {
        reader.readFrame(ctx, in, inbound);
      } catch (Http2Exception.HeaderListSizeException e) {
        connection.fail(H2Code.ENHANCE_YOUR_CALM, "head too large");
      } catch (Http2Exception.StreamException e) {
        inbound.onStreamFault(e.streamId(), (int) e.error().code());
        again = in.isReadable();
      } catch (Http2Exception e) {
        connection.fail((int) e.error().code(), e.getMessage());
      } catch (RuntimeException e) {
        connection.failInternally(e);
      }
    }
  }

  /// A payload for its user: a share of what was read, or a copy where the share would keep a much
  /// larger buffer alive.
  ByteBuf keep(ByteBuf data) {
    int bytes = data.readableBytes();
    if (bytes == 0) {
      return Unpooled.EMPTY_BUFFER;
    }
    if (bytes >= capacity / 4) {
      return data.retain();
    }
    return data.alloc().buffer(bytes).writeBytes(data);
  }

  void close() {
    if (!closed) {
      closed = true;
      reader.close();
      if (left != null) {
        left.release();
        left = null;
      }
    }
  }
}
