package anycast.edge.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/// The way out of an HTTP/1 connection: one flush a loop turn, credit for what the socket took, and
/// the two ways to end.
///
/// **Threading.** The channel's event loop.
final class ResponseOut {
  private final ChannelHandlerContext ctx;
  private final Runnable afterFlush;
  private final Unread.Share unread;
  private final Runnable flush = this::onFlush;
  private boolean flushWaits;
  private int unreturnedBytes;
  private long progressMark;
  private long progressNanos;
  private boolean writeSideDone;

  /// @param afterFlush called in each turn that flushed
  /// @param all told what waits for the client
  /// @param giveUp ends the connection of a client that takes nothing
  ResponseOut(ChannelHandlerContext ctx, Runnable afterFlush, Unread all, Runnable giveUp) {
    this.ctx = ctx;
    this.afterFlush = afterFlush;
    unread =
        new Unread.Share(all) {
          @Override
          void giveUp() {
            giveUp.run();
          }
        };
  }

  void write(ByteBuf bytes) {
    ctx.write(bytes, ctx.voidPromise());
    flushSoon();
  }

  /// Notes response bytes whose credit goes back when the socket takes more.
  void owe(int bytes) {
    unreturnedBytes += bytes;
    unread.onWaiting(bytes);
    flushSoon();
  }

  /// Response bytes to return credit for; 0 while the socket is full.
  int takeReturnable() {
    if (flushWaits || !ctx.channel().isWritable()) {
      return 0;
    }
    unread.onNoneLeft();
    int bytes = unreturnedBytes;
    unreturnedBytes = 0;
    return bytes;
  }

  /// The connection is gone, with all that waited.
  void forgetUnread() {
    unread.onNoneLeft();
  }

  void forgetOwed() {
    unreturnedBytes = 0;
  }

  private void flushSoon() {
    if (!flushWaits) {
      flushWaits = true;
      ctx.channel().eventLoop().execute(flush);
    }
  }

  private void onFlush() {
    flushWaits = false;
    if (ctx.channel().isActive()) {
      ctx.flush();
      afterFlush.run();
    }
  }

  boolean writable() {
    return ctx.channel().isWritable();
  }

  /// Whether bytes wait for the client, for how long it took none; -1 where none wait.
  long stalledNanos(long nowNanos) {
    ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
    if (buffer == null || buffer.totalPendingWriteBytes() == 0) {
      progressMark = 0;
      return -1;
    }
    // Two numbers that only progress changes; a new write does too, but there is no credit for one.
    long mark = buffer.totalPendingWriteBytes() << 20 ^ buffer.currentProgress();
    if (mark != progressMark) {
      progressMark = mark;
      progressNanos = nowNanos;
    }
    return nowNanos - progressNanos;
  }

  /// Ends our side once everything has left. Closing at once would let the kernel answer bytes that
  /// we have not read with RST, which may overtake the response (RFC 9112 §9.6).
  ///
  /// @param done called when the client has it all, or has gone
  void end(Runnable done) {
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(_ -> {
          SslHandler tls = ctx.pipeline().get(SslHandler.class);
          if (tls == null) {
            shutdown(done);
          } else {
            tls.closeOutbound().addListener(_ -> shutdown(done));
          }
        });
  }

  private void shutdown(Runnable done) {
    Channel channel = ctx.channel();
    if (channel.isActive() && channel instanceof DuplexChannel duplex) {
      writeSideDone = true;
      duplex.shutdownOutput();
      done.run();
    } else {
      channel.close();
    }
  }

  boolean writeSideDone() {
    return writeSideDone;
  }

  /// Ends so that the client cannot take what it has for complete: RST, no TLS close_notify.
  void reset() {
    Channel channel = ctx.channel();
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.unsafe().close(channel.unsafe().voidPromise());
    }
  }
}
