package anycast.edge.protocol;

import anycast.backhaul.fault.FaultKind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ties a public HTTP/1 connection to its channel; last in the pipeline. The channel has autoRead
/// off. What happens is decided in [Http1Conversation].
///
/// **Threading.** The channel's event loop.
public final class Http1Connection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

  private final Served served;
  private final Http1Limits limits;

  /// Null before the channel is active.
  private Http1Conversation conversation;

  public Http1Connection(Served served, Http1Limits limits) {
    this.served = served;
    this.limits = limits;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (conversation == null) {
      start(ctx);
    }
    ctx.fireChannelActive();
  }

  private void start(ChannelHandlerContext ctx) {
    if (!served.tls()) {
      ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
    conversation = new Http1Conversation(served, limits, ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (conversation != null && message instanceof ByteBuf bytes) {
      conversation.onBytes(bytes);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (conversation != null) {
      conversation.onReadComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (conversation != null) {
      conversation.onWritable();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (conversation != null) {
      if (event == DrainEvent.DRAIN) {
        conversation.onDrain();
      } else if (event == ChannelInputShutdownEvent.INSTANCE) {
        conversation.onInputEnd();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (conversation != null) {
      conversation.onGone();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (conversation != null) {
      conversation.onGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A client's reset or a broken TLS record is its own affair; anything else is ours.
    if (cause instanceof IOException || cause instanceof DecoderException) {
      LOG.debug("connection broke: {}", cause.toString());
    } else {
      LOG.error("connection reset by a fault of ours", cause);
    }
    if (conversation == null) {
      ctx.close();
    } else {
      conversation.leave(FaultKind.CLIENT_GONE);
    }
  }
}
