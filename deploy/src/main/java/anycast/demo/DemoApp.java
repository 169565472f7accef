package anycast.demo;

import anycast.backhaul.runtime.ReadyFile;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A small HTTP server that says which instance answered and what it saw, and that echoes, streams,
/// delays and fails on request. The paths are in [Answers].
///
/// | path | does |
/// |---|---|
/// | `/` and any other | which instance, on which node; method, target and fields as they arrived |
/// | `/echo` | the request's body, as it comes |
/// | `/sha256` | digest and length of the request's body |
/// | `/bytes?n=N` | N bytes of [Pattern], length told |
/// | `/stream?bytes=N&rate=R` | the same in chunks, R bytes a second |
/// | `/delay?ms=N` | answers after N ms |
/// | `/health` | 200, or 503 where it was told to fail; tells its lag in `x-lag` and in JSON |
/// | `/control?health=fail` (or `ok`), `&lag=N`, `&delay=MS` | changes that from now on; `delay` is
///   what each answer takes that is not listed here |
/// | `/trailers` | a body and a trailer field |
/// | `/fail?status=N`, `/fail?how=reset` (or `garbage`, `truncate`) | fails in that way; with
///   `&only=ID,ID` at these instances only |
/// | `/ws` | WebSocket, echoes each message (HTTP/1.1) |
@Command(name = "demo-app")
public final class DemoApp implements Callable<Integer> {
  @Option(names = "--instance", required = true)
  private String instance;

  @Option(names = "--app", required = true)
  private String app;

  @Option(names = "--node", required = true)
  private String node;

  @Option(names = "--region", required = true)
  private String region;

  @Option(names = "--protocol", required = true)
  private AppProtocol protocol;

  @Option(names = "--port", required = true)
  private int port;

  @Option(names = "--ready-file", required = true)
  private Path readyFile;

  public static void main(String[] args) {
    System.exit(new CommandLine(new DemoApp()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    AppName name = new AppName(instance, app, node, region);
    try (var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())) {
      Channel listener = listen(group, protocol, name, port);
      InetSocketAddress address = (InetSocketAddress) listener.localAddress();
      ReadyFile.write(
          readyFile,
          Map.of(
              "pid", ProcessHandle.current().pid(),
              "addresses", Map.of("app", "127.0.0.1:" + address.getPort())));
      listener.closeFuture().await();
    }
    return 0;
  }

  /// Starts an app on loopback; `port` zero takes a free one. Closing the channel and the group
  /// ends it.
  static Channel listen(
      MultiThreadIoEventLoopGroup group, AppProtocol protocol, AppName name, int port)
      throws InterruptedException {
    return new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 << 10, 256 << 10))
        .childHandler(
            protocol == AppProtocol.H2C ? h2c(name, new Control()) : http1(name, new Control()))
        .bind("127.0.0.1", port)
        .sync()
        .channel();
  }

  private static ChannelInitializer<Channel> http1(AppName name, Control control) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(new HttpServerCodec(), new AppConnection(name, control));
      }
    };
  }

  private static ChannelInitializer<Channel> h2c(AppName name, Control control) {
    var stream =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel
                .pipeline()
                .addLast(
                    new Http2StreamFrameToHttpObjectCodec(true), new AppConnection(name, control));
          }
        };
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        Http2Settings settings = Http2Settings.defaultSettings().initialWindowSize(1 << 20);
        channel
            .pipeline()
            .addLast(
                Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
                new Http2MultiplexHandler(stream));
      }
    };
  }
}
