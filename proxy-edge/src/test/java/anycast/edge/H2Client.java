package anycast.edge;

import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.h2.H2Stream;
import anycast.backhaul.h2.StreamEvents;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// An HTTP/2 client over TLS that says exactly what a test wants.
final class H2Client implements AutoCloseable, ConnectionEvents {
  private final SslContext context;
  private final H2Connection engine = H2Connection.client(limits(), this, Ticker.system());
  private final Channel channel;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  final CompletableFuture<Integer> goAway = new CompletableFuture<>();
  final CompletableFuture<Boolean> closed = new CompletableFuture<>();

  H2Client(EdgeFixture fixture, String serverName) throws Exception {
    context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(fixture.ca.certificateFile().toFile())
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    "h2"))
            .build();
    channel =
        fixture
            .loops
            .client(fixture.loops.loops().getFirst())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel fresh) {
                    SslHandler handler = context.newHandler(fresh.alloc(), serverName, 443);
                    // The engine at once: the server's SETTINGS come with its last handshake bytes.
                    fresh.pipeline().addLast(handler, engine);
                  }
                })
            .connect(fixture.address(0))
            .sync()
            .channel();
    ready.get(10, TimeUnit.SECONDS);
  }

  private static H2Limits limits() {
    return H2Limits.link();
  }

  /// Sends a request without body.
  Response get(String method, String authority, String path, String... fields) throws Exception {
    return open(method, authority, path, true, fields);
  }

  /// Sends a request's head; the body goes through [Response#send].
  Response post(String authority, String path, String... fields) throws Exception {
    return open("POST", authority, path, false, fields);
  }

  private Response open(String method, String authority, String path, boolean end, String... fields)
      throws Exception {
    Fields list = new Fields();
    for (int i = 0; i < fields.length; i += 2) {
      list.add(fields[i], fields[i + 1]);
    }
    RequestHead head =
        new RequestHead(
            AsciiString.of(method),
            AsciiString.of("https"),
            AsciiString.of(authority),
            AsciiString.of(path),
            null,
            list);
    Response response = new Response();
    channel.eventLoop().submit(() -> response.stream = engine.open(head, end, response)).sync();
    return response;
  }

  /// What came back on one stream.
  final class Response implements StreamEvents {
    final CompletableFuture<ResponseHead> head = new CompletableFuture<>();
    final CompletableFuture<String> body = new CompletableFuture<>();
    final CompletableFuture<Fields> trailers = new CompletableFuture<>();
    final CompletableFuture<Integer> reset = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private H2Stream stream;
    boolean reads = true;

    int status() throws Exception {
      return head.get(20, TimeUnit.SECONDS).status();
    }

    String field(String name) throws Exception {
      return head.get(20, TimeUnit.SECONDS).fields().text(AsciiString.of(name));
    }

    String body() throws Exception {
      return body.get(20, TimeUnit.SECONDS);
    }

    void send(int bytes, boolean end) throws Exception {
      channel
          .eventLoop()
          .submit(() -> stream.sendData(Unpooled.wrappedBuffer(new byte[bytes]), end))
          .sync();
    }

    void cancel() throws Exception {
      channel.eventLoop().submit(() -> stream.reset(8)).sync();
    }

    @Override
    public void onHead(ResponseHead answer, boolean end) {
      head.complete(answer);
      if (end) {
        body.complete("");
      }
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
      int bytes = data.readableBytes();
      text.append(data.toString(StandardCharsets.ISO_8859_1));
      data.release();
      if (reads) {
        stream.consumed(bytes);
      }
      if (end) {
        body.complete(text.toString());
      }
    }

    @Override
    public void onTrailers(Fields fields) {
      trailers.complete(fields);
      body.complete(text.toString());
    }

    @Override
    public void onSent(int bytes) {}

    @Override
    public void onReset(int errorCode) {
      reset.complete(errorCode);
    }

    @Override
    public void onConnectionLost() {
      reset.complete(-1);
    }
  }

  @Override
  public void onReady() {
    ready.complete(null);
  }

  @Override
  public void onGoAway(int lastStreamId, int code) {
    goAway.complete(code);
  }

  @Override
  public void onClosed(Throwable cause) {
    closed.complete(true);
  }

  @Override
  public void onPong(long nanosRoundTrip) {}

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    ReferenceCountUtil.release(context);
  }
}
