package anycast.backhaul.link;

import anycast.backhaul.identity.PeerCheck;
import anycast.backhaul.identity.PeerIdentity;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands behind TLS until the handshake is over and lets on only the peer that is wanted; then it
/// leaves the pipeline.
///
/// **Threading.** The connection's event loop. **Faults.** A peer of the wrong role or name, or
/// none that the CA vouches for, is logged and cut off before HTTP/2 heard of it.
final class PeerGate extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(PeerGate.class);

  private final Function<SSLSession, PeerCheck.Result> check;
  private final Consumer<PeerIdentity> accepted;
  private final Consumer<Throwable> refused;

  PeerGate(
      Function<SSLSession, PeerCheck.Result> check,
      Consumer<PeerIdentity> accepted,
      Consumer<Throwable> refused) {
    this.check = check;
    this.accepted = accepted;
    this.refused = refused;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
      super.userEventTriggered(ctx, event);
      return;
    }
    if (!handshake.isSuccess()) {
      // SslHandler closes the channel.
      if (handshake.cause() instanceof SslHandshakeTimeoutException
          || handshake.cause() instanceof ClosedChannelException) {
        // A peer that is silent or left was not refused: who dialled says that it failed.
        refused.accept(handshake.cause());
      } else {
        refuse(ctx.channel(), handshake.cause());
      }
      return;
    }
    SSLSession session = ctx.pipeline().get(SslHandler.class).engine().getSession();
    switch (check.apply(session)) {
      case PeerCheck.Result.Ok(PeerIdentity peer) -> {
        accepted.accept(peer);
        ctx.pipeline().remove(this);
      }
      case PeerCheck.Result.Refused(String reason) -> {
        refuse(ctx.channel(), new SSLException(reason));
        Dialler.cut(ctx.channel());
      }
    }
  }

  /// Bytes of a peer that was not let on.
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  private void refuse(Channel channel, Throwable cause) {
    SocketAddress remote = channel.remoteAddress();
    LOG.warn("link with {} refused: {}", remote, LinkFaults.reason(cause));
    refused.accept(cause);
  }
}
