package anycast.edge.tls;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.LogText;
import anycast.routing.time.Ticker;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits for the end of a handshake, counts it, and hands the connection to the protocol that was
/// agreed on. Every handshake ends here once, also one that was refused before a certificate.
///
/// **Threading.** One a connection, its event loop.
public final class HandshakeEnd extends ChannelInboundHandlerAdapter {
  /// What both sides agreed to speak; a client that offers nothing speaks HTTP/1.1.
  public enum Protocol {
    HTTP_1_1,
    HTTP_2
  }

  private static final Logger LOG = LoggerFactory.getLogger(HandshakeEnd.class);

  private final TlsSettings settings;
  private final CounterCell counters;
  private final Ticker ticker;
  private final BiConsumer<CertifiedNames, Protocol> next;
  private boolean ended;

  /// @param next adds the protocol's handlers at the pipeline's end
  public HandshakeEnd(
      TlsSettings settings,
      CounterCell counters,
      Ticker ticker,
      BiConsumer<CertifiedNames, Protocol> next) {
    this.settings = settings;
    this.counters = counters;
    this.ticker = ticker;
    this.next = next;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case SniCompletionEvent name when !name.isSuccess() -> onFailed(ctx, name.cause());
      case SslHandshakeCompletionEvent handshake when !handshake.isSuccess() ->
          onFailed(ctx, handshake.cause());
      case SslHandshakeCompletionEvent _ -> onSecured(ctx);
      default -> ctx.fireUserEventTriggered(event);
    }
  }

  private void onSecured(ChannelHandlerContext ctx) {
    ended = true;
    counters.add(Counter.TLS_HANDSHAKES_OK);
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    CertifiedNames names = ctx.channel().attr(TlsSettings.NAMES).get();
    Protocol protocol =
        PublicTls.H2.equals(tls.applicationProtocol()) ? Protocol.HTTP_2 : Protocol.HTTP_1_1;
    next.accept(names, protocol);
    ctx.pipeline().remove(this);
  }

  private void onFailed(ChannelHandlerContext ctx, Throwable cause) {
    if (ended) {
      return;
    }
    ended = true;
    counters.add(Counter.TLS_HANDSHAKES_FAILED);
    if (settings.lines().permits(ticker.nanos())) {
      LOG.info(
          "handshake with {} failed: {}",
          ctx.channel().remoteAddress(),
          LogText.escape(String.valueOf(cause.getMessage())));
    }
  }

  /// The library has sent its alert, the event has been counted: what is left is to close.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    onFailed(ctx, cause);
    ctx.close();
  }
}
