package anycast.edge.tls;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.LogText;
import anycast.routing.model.Certificate;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;

/// First in a TLS connection's pipeline: reads the ClientHello, finds the certificate for its name
/// and makes room for the TLS library.
///
/// ```
/// bytes ─► hello whole? ─► protocols? ─► name ─► certificate in the snapshot? ─► loaded?
///              │               │                          │                        │
///           timeout     no_application_          unrecognized_name          internal_error
///                          protocol             missing_extension
/// ```
///
/// **Threading.** One a connection, its event loop; the loading is elsewhere and comes back to it.
/// **Limits.** A hello of 16 KiB: a hybrid key share, a ticket and thirty other extensions are a
/// fifth of it. One length of time for hello and handshake together.
public final class TlsTerminator extends AbstractSniHandler<Prepared.Ready> {
  private static final int MAX_HELLO_BYTES = 16 << 10;

  /// Name of the library's handler in the pipeline.
  public static final String HANDLER = "tls";

  private final TlsSettings settings;
  private final CounterCell counters;
  private final Ticker ticker;
  private final long startNanos;

  /// The alert is on its way; what the client still sends counts for nothing.
  private boolean refused;

  public TlsTerminator(TlsSettings settings, CounterCell counters, Ticker ticker) {
    super(MAX_HELLO_BYTES, TimeUnit.NANOSECONDS.toMillis(settings.handshakeNanos()));
    this.settings = settings;
    this.counters = counters;
    this.ticker = ticker;
    startNanos = ticker.nanos();
  }

  @Override
  protected Future<Prepared.Ready> lookup(ChannelHandlerContext ctx, ByteBuf clientHello)
      throws Exception {
    if (refused || clientHello == null) {
      return refusal(ctx, Alert.DECODE_ERROR, "not a TLS hello");
    }
    return switch (ClientHello.offer(clientHello)) {
      case NONE, ACCEPTABLE -> super.lookup(ctx, clientHello);
      case UNKNOWN_ONLY -> refusal(ctx, Alert.NO_APPLICATION_PROTOCOL, "no protocol in common");
      case MALFORMED -> refusal(ctx, Alert.DECODE_ERROR, "malformed hello");
    };
  }

  @Override
  protected Future<Prepared.Ready> lookup(ChannelHandlerContext ctx, String hostname) {
    Certificate certificate = settings.certificates().apply(hostname);
    if (certificate == null) {
      counters.add(Counter.TLS_NAME_UNKNOWN);
      return hostname == null
          ? refusal(ctx, Alert.MISSING_EXTENSION, "no server name")
          : refusal(ctx, Alert.UNRECOGNIZED_NAME, "no certificate for " + LogText.escape(hostname));
    }
    var prepared = settings.store().prepare(certificate);
    Promise<Prepared.Ready> promise = ctx.executor().newPromise();
    prepared.whenComplete((value, fault) -> settle(promise, value, fault));
    return promise;
  }

  private static void settle(Promise<Prepared.Ready> promise, Prepared value, Throwable fault) {
    switch (value) {
      case Prepared.Ready ready -> promise.trySuccess(ready);
      case Prepared.Broken(String reason) ->
          promise.tryFailure(
              new TlsRefusal(Alert.INTERNAL_ERROR, "certificate is broken: " + reason));
      case null -> promise.tryFailure(fault);
    }
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext ctx, String hostname, Future<Prepared.Ready> future) {
    if (refused || ctx.isRemoved() || !ctx.channel().isActive()) {
      return;
    }
    if (!future.isSuccess()) {
      refuse(ctx, future.cause());
      return;
    }
    terminate(ctx, future.getNow());
  }

  /// Puts the library's handler in this one's place; the hello goes on to it.
  private void terminate(ChannelHandlerContext ctx, Prepared.Ready ready) {
    if (!ready.borrow()) {
      refuse(ctx, new TlsRefusal(Alert.INTERNAL_ERROR, "certificate was dropped meanwhile"));
      return;
    }
    try {
      SslHandler handler = ready.context().newHandler(ctx.alloc());
      long leftNanos = settings.handshakeNanos() - (ticker.nanos() - startNanos);
      handler.setHandshakeTimeout(Math.max(1, leftNanos), TimeUnit.NANOSECONDS);
      ctx.channel().attr(TlsSettings.NAMES).set(ready.names());
      ctx.pipeline().replace(this, HANDLER, handler);
    } finally {
      ready.giveBack();
    }
  }

  /// The event that says so has been sent on already, or is about to be.
  private void refuse(ChannelHandlerContext ctx, Throwable cause) {
    refused = true;
    Alert alert = cause instanceof TlsRefusal refusal ? refusal.alert() : Alert.INTERNAL_ERROR;
    ctx.writeAndFlush(alert.record(ctx.alloc())).addListener(ChannelFutureListener.CLOSE);
  }

  /// Bytes that are no hello: the reader has told the handlers behind.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private static Future<Prepared.Ready> refusal(
      ChannelHandlerContext ctx, Alert alert, String why) {
    return ctx.executor().newFailedFuture(new TlsRefusal(alert, why));
  }
}
