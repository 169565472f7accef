package anycast.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.ReferenceCountUtil;

/// One connection (HTTP/1.1) or one stream (h2c) of a [DemoApp]: reads requests one after the
/// other, gives each to its [Answer], and echoes WebSocket frames after an upgrade at `/ws`.
///
/// **Threading.** On the channel's event loop.
final class AppConnection extends ChannelInboundHandlerAdapter {
  /// Larger than any message that the demo's commands send.
  private static final int WEBSOCKET_FRAME_LIMIT_BYTES = 1 << 20;

  private final AppName name;
  private final Control control;
  private Answer answer;
  private WebSocketServerHandshaker handshaker;

  AppConnection(AppName name, Control control) {
    this.name = name;
    this.control = control;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpRequest request) {
        onRequest(ctx, request);
      }
      if (message instanceof HttpContent content) {
        onContent(content);
      }
      if (message instanceof WebSocketFrame frame) {
        onFrame(ctx, frame);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void onRequest(ChannelHandlerContext ctx, HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      ctx.close();
      return;
    }
    if (request.uri().startsWith("/ws")
        && request.headers().containsValue("upgrade", "websocket", true)) {
      handshaker =
          new WebSocketServerHandshakerFactory(null, null, false, WEBSOCKET_FRAME_LIMIT_BYTES)
              .newHandshaker(request);
      if (handshaker == null) {
        WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(ctx.channel());
        return;
      }
      handshaker.handshake(ctx.channel(), request);
      return;
    }
    if (HttpUtil.is100ContinueExpected(request)) {
      ctx.writeAndFlush(
          new io.netty.handler.codec.http.DefaultFullHttpResponse(
              request.protocolVersion(),
              io.netty.handler.codec.http.HttpResponseStatus.CONTINUE,
              io.netty.buffer.Unpooled.EMPTY_BUFFER));
    }
    answer = Answers.to(request, new Reply(ctx.channel(), name, request), control);
  }

  private void onContent(HttpContent content) {
    if (answer == null) {
      return; // after an upgrade
    }
    if (content.content().isReadable()) {
      answer.onBody(content.content());
    }
    if (content instanceof LastHttpContent last) {
      answer.onEnd(last.trailingHeaders());
    }
  }

  private void onFrame(ChannelHandlerContext ctx, WebSocketFrame frame) {
    switch (frame) {
      case CloseWebSocketFrame close -> handshaker.close(ctx.channel(), close.retain());
      case PingWebSocketFrame ping ->
          ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
      case PongWebSocketFrame pong -> {} // an answer to nothing that we asked
      default -> ctx.writeAndFlush(frame.retain());
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (answer != null && ctx.channel().isWritable()) {
      answer.onWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (answer != null) {
      answer.onGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close(); // the client left, or sent what is not HTTP: either way there is nobody to answer
  }
}
