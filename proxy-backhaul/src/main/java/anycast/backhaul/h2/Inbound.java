package anycast.backhaul.h2;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;

/// What each frame of the peer means: which stream it is for, whether it may come now, and what the
/// stream's user hears of it.
///
/// A fault has a scope (RFC 9113 §5.4). `connection.fail` ends the connection; `refuse` resets one
/// stream and counts that reset as if the peer had sent it.
///
/// **Threading.** The connection's event loop, inside a read. **Faults.** Throws nothing.
final class Inbound implements Http2FrameListener {
  private final H2Connection connection;
  private final StreamTable table;
  private final Floods floods;
  private final boolean server;
  private final H2Limits limits;
  private int highestPeerId;
  private int lastProcessedId;

  Inbound(H2Connection connection, StreamTable table, Floods floods, H2Limits limits) {
    this.connection = connection;
    this.table = table;
    this.floods = floods;
    this.limits = limits;
    this.server = connection.isServer();
  }

  /// Highest id of a stream that we may have worked on.
  int lastProcessedId() {
    return lastProcessedId;
  }

  // DATA

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
    int bytes = data.readableBytes();
    int flow = bytes + padding;
    if (!expected()) {
      return flow;
    }
    ReceiveWindow window = connection.window();
    if (!window.take(flow)) {
      connection.fail(H2Code.FLOW_CONTROL_ERROR, "connection window exceeded");
      return flow;
    }
    window.give(padding);
    if (floods.data(bytes == 0 && !end)) {
      connection.fail(H2Code.ENHANCE_YOUR_CALM, "empty DATA frames");
      return flow;
    }
    Stream stream = table.find(id);
    if (stream == null) {
      window.give(bytes);
      onLateFrame(id, true);
    } else if (!stream.state().remoteOpen()) {
      window.give(bytes);
      refuse(stream, H2Code.STREAM_CLOSED);
    } else if (!stream.take(flow, padding)) {
      window.give(bytes);
      refuse(stream, H2Code.FLOW_CONTROL_ERROR);
    } else {
      onStreamData(stream, data, end);
    }
    return flow;
  }

  private void onStreamData(Stream stream, ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    boolean early = !server && !stream.finalHead();
    if (early || !stream.countContent(bytes, end)) {
      refuse(stream, H2Code.PROTOCOL_ERROR);
      return;
    }
    if (bytes == 0 && !end) {
      return;
    }
    if (end) {
      stream.remoteEnd();
    }
    stream.events().onData(connection.keep(data), end);
    connection.onData();
  }

  // HEADERS

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end) {
    onHeadersRead(ctx, id, headers, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end) {
    if (!expected()) {
      return;
    }
    HeadSink sink = (HeadSink) headers;
    Stream stream = table.find(id);
    if (stream != null) {
      if (!stream.state().remoteOpen()) {
        refuse(stream, H2Code.STREAM_CLOSED);
      } else if (sink.tooLarge()) {
        refuse(stream, H2Code.ENHANCE_YOUR_CALM);
      } else if (server || stream.finalHead()) {
        onTrailers(stream, sink, end);
      } else {
        onResponse(stream, sink, end);
      }
    } else if (server && idle(id)) {
      onRequest(id, sink, end);
    } else {
      onLateFrame(id, false);
    }
  }

  private void onRequest(int id, HeadSink sink, boolean end) {
    if ((id & 1) == 0) {
      connection.fail(H2Code.PROTOCOL_ERROR, "even stream id");
      return;
    }
    highestPeerId = id;
    if (connection.refusesNew()) {
      // Above the final GOAWAY's last id: the peer knows that it was not processed.
      table.remember(id, StreamTable.Past.RESET_BY_US);
      return;
    }
    lastProcessedId = id;
    if (table.size() >= limits.maxStreams()) {
      connection.out().rst(id, H2Code.REFUSED_STREAM);
      table.remember(id, StreamTable.Past.RESET_BY_US);
      glitch("streams above the limit");
      return;
    }
    if (sink.tooLarge()) {
      refuse(id, H2Code.ENHANCE_YOUR_CALM);
      return;
    }
    long content = sink.contentLength();
    RequestHead head = Heads.request(sink, limits.extendedConnect());
    if (head == null || end && content > 0) {
      refuse(id, H2Code.PROTOCOL_ERROR);
      return;
    }
    Stream stream = connection.newStream(id);
    stream.expectContent(content);
    stream.upgrade(head.upgrade() != null);
    if (end) {
      stream.remoteEnd();
    }
    connection.offer(stream, head, end);
  }

  private void onResponse(Stream stream, HeadSink sink, boolean end) {
    long content = sink.contentLength();
    ResponseHead head = Heads.response(sink, stream.upgrade());
    if (head == null || head.informational() && end) {
      refuse(stream, H2Code.PROTOCOL_ERROR);
      return;
    }
    if (!head.informational()) {
      stream.finalHeadCame();
      stream.expectContent(head.status(), content);
      if (end && !stream.countContent(0, true)) {
        refuse(stream, H2Code.PROTOCOL_ERROR);
        return;
      }
    }
    if (end) {
      stream.remoteEnd();
    }
    stream.events().onHead(head, end);
  }

  private void onTrailers(Stream stream, HeadSink sink, boolean end) {
    Fields trailers = end ? Heads.trailers(sink) : null;
    if (trailers == null || !stream.countContent(0, true)) {
      refuse(stream, H2Code.PROTOCOL_ERROR);
      return;
    }
    stream.remoteEnd();
    stream.events().onTrailers(trailers);
  }

  // Streams that are not open

  private boolean idle(int id) {
    return server ? id > highestPeerId : (id & 1) == 0 || id >= connection.nextId();
  }

  /// A frame that only a stream in use may get, for one that is not in the table.
  private void onLateFrame(int id, boolean data) {
    if (idle(id)) {
      connection.fail(H2Code.PROTOCOL_ERROR, "frame on an idle stream");
      return;
    }
    switch (table.past(id)) {
      case RESET_BY_US -> glitch("frames on closed streams");
      case RESET_BY_PEER, ENDED -> onClosedStream(id, data);
      case FORGOTTEN -> {
        if (data || !server) {
          glitch("frames on closed streams");
        } else {
          connection.fail(H2Code.PROTOCOL_ERROR, "stream id went back");
        }
      }
    }
  }

  // The peer ended the stream itself and knows that nothing may follow (RFC 9113 §5.1).
  private void onClosedStream(int id, boolean data) {
    if (!server) {
      glitch("frames on closed streams");
      return;
    }
    boolean ended = table.past(id) == StreamTable.Past.ENDED;
    refuse(id, H2Code.STREAM_CLOSED);
    if (ended && !data) {
      connection.fail(H2Code.STREAM_CLOSED, "HEADERS on an ended stream");
    }
  }

  // Resets that the peer's fault makes us send count as the peer's (CVE-2025-8671, MadeYouReset).
  private void refuse(int id, int code) {
    connection.out().rst(id, code);
    table.remember(id, StreamTable.Past.RESET_BY_US);
    countReset();
  }

  private void refuse(Stream stream, int code) {
    connection.out().rst(stream.id(), code);
    stream.abort(StreamTable.Past.RESET_BY_US);
    stream.events().onReset(code);
    countReset();
  }

  /// A fault that the frame reader found.
  void onStreamFault(int id, int code) {
    Stream stream = table.find(id);
    if (stream != null) {
      refuse(stream, code);
    } else {
      refuse(id, code);
    }
  }

  private void countReset() {
    if (floods.reset()) {
      connection.fail(H2Code.ENHANCE_YOUR_CALM, "too many resets");
    }
  }

  private void glitch(String what) {
    if (floods.glitch()) {
      connection.fail(H2Code.ENHANCE_YOUR_CALM, what);
    }
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long errorCode) {
    if (!expected()) {
      return;
    }
    Stream stream = table.find(id);
    if (stream != null) {
      stream.abort(StreamTable.Past.RESET_BY_PEER);
      stream.events().onReset((int) errorCode);
      countReset();
    } else if (idle(id)) {
      connection.fail(H2Code.PROTOCOL_ERROR, "RST_STREAM on an idle stream");
    } else {
      glitch("RST_STREAM on closed streams");
    }
  }

  // Windows and the connection

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int bytes) {
    if (!expected()) {
      return;
    }
    if (floods.windowUpdate()) {
      connection.fail(H2Code.ENHANCE_YOUR_CALM, "window updates");
      return;
    }
    if (id == 0) {
      if (!connection.pump().widen(bytes)) {
        connection.fail(H2Code.FLOW_CONTROL_ERROR, "connection window overflow");
      }
      return;
    }
    Stream stream = table.find(id);
    if (stream != null) {
      if (!stream.widenSend(bytes)) {
        refuse(stream, H2Code.FLOW_CONTROL_ERROR);
      }
    } else if (idle(id)) {
      connection.fail(H2Code.PROTOCOL_ERROR, "WINDOW_UPDATE on an idle stream");
    }
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
    if (connection.isClosed()) {
      return;
    }
    if (connection.settingsSeen()) {
      glitch("SETTINGS");
    }
    if (!connection.isClosed()) {
      connection.onSettings(settings);
    }
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext ctx) {
    if (expected() && !connection.onSettingsAck()) {
      glitch("SETTINGS acknowledgements");
    }
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long opaque) {
    if (expected()) {
      connection.out().ping(opaque, true);
      glitch("PING");
    }
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext ctx, long opaque) {
    if (expected() && !connection.onPingAck(opaque)) {
      glitch("PING acknowledgements");
    }
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext ctx, int lastId, long code, ByteBuf debug) {
    if (expected()) {
      glitch("GOAWAY");
      connection.onGoAway(lastId, (int) code);
    }
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive) {
    if (expected()) {
      glitch("PRIORITY");
    }
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload) {
    if (expected()) {
      glitch("unknown frames");
    }
  }

  @Override
  public void onPushPromiseRead(
      ChannelHandlerContext ctx, int id, int promisedId, Http2Headers headers, int padding) {
    // A client may not push, and a server has been told not to.
    connection.fail(H2Code.PROTOCOL_ERROR, "PUSH_PROMISE");
  }

  // The peer's first frame is SETTINGS (RFC 9113 §3.4).
  private boolean expected() {
    if (connection.isClosed()) {
      return false;
    }
    if (!connection.settingsSeen()) {
      connection.fail(H2Code.PROTOCOL_ERROR, "no SETTINGS first");
      return false;
    }
    return true;
  }
}
