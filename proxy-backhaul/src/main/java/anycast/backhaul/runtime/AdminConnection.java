package anycast.backhaul.runtime;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/// One connection to the admin socket: one request, one answer, close. Operators ask seldom, and a
/// connection that ends with its answer has no state to get wrong.
///
/// **Threading.** The admin loop; answers are made on `answering` and come back by `execute`.
final class AdminConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private final AdminPages pages;
  private final ExecutorService answering;
  private boolean asked;

  AdminConnection(AdminPages pages, ExecutorService answering) {
    this.pages = pages;
    this.answering = answering;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (asked) {
      // Pipelined: the first answer closes the connection, which RFC 9112 §9.6 allows.
      return;
    }
    asked = true;
    if (request.decoderResult().isFailure()) {
      send(
          context,
          AdminPages.sentence(HttpResponseStatus.BAD_REQUEST, "this is no HTTP/1.1 request"));
      return;
    }
    // Silence is ours now, not the client's.
    context.pipeline().remove(ReadTimeoutHandler.class);
    HttpMethod method = request.method();
    String target = request.uri();
    try {
      answering.execute(() -> {
        AdminPages.Page page = pages.page(method, target);
        answer(context, page);
      });
    } catch (RejectedExecutionException e) {
      send(
          context,
          AdminPages.sentence(
              HttpResponseStatus.SERVICE_UNAVAILABLE, "too many questions are waiting"));
    }
  }

  private static void answer(ChannelHandlerContext context, AdminPages.Page page) {
    try {
      context.executor().execute(() -> send(context, page));
    } catch (RejectedExecutionException e) {
      // The server has closed meanwhile, and with it the connection: nobody waits any more.
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Silence, garbage, or a client that left: nobody is there to tell.
    context.close();
  }

  private static void send(ChannelHandlerContext context, AdminPages.Page page) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, page.status(), Unpooled.wrappedBuffer(page.body()));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, page.contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, page.body().length)
        .set(HttpHeaderNames.CONNECTION, "close");
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }
}
