package anycast.edge.protocol;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.h1.Bytes;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counters;
import anycast.routing.time.Ticker;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A real listener with one HTTP/1 connection class behind it, and raw clients for it.
final class Stage implements AutoCloseable {
  static final int DEADLINE_MILLIS = 10_000;

  final App app = new App();
  final Counters counters = new Counters(List.of());
  private final RefusalLog refusals = new RefusalLog(counters.shared(), Ticker.system(), 5);
  private final MultiThreadIoEventLoopGroup group;
  private final Walk walk = new Walk(app, Ticker.system());
  private final Channel server;

  Stage(IoHandlerFactory transport, Class<? extends ServerChannel> channelType) {
    group = new MultiThreadIoEventLoopGroup(1, transport);
    server =
        new ServerBootstrap()
            .group(group)
            .channel(channelType)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new Http1Connection(
                                served(walk, Ticker.system(), refusals), Http1Limits.publicSide()));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  static Served served(RequestSink sink, Ticker ticker, RefusalLog refusals) {
    return new Served(
        sink, Stage::answer, 80, false, ticker, refusals, new Unread(null, Long.MAX_VALUE));
  }

  private static ResponseHead answer(Fault fault, String id) {
    return App.head(fault.kind().status(), "x-code", fault.kind().code());
  }

  Client client() throws IOException {
    return new Client((InetSocketAddress) server.localAddress());
  }

  @Override
  public void close() {
    server.close().syncUninterruptibly();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /// Next thing that reached the app, or null after the deadline.
  String seen() throws InterruptedException {
    return app.seen.poll(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// A raw connection; `␤` is CR LF in what it sends, and in what it says it read.
  static final class Client implements AutoCloseable {
    final Socket socket = new Socket();
    private final InputStream in;

    Client(InetSocketAddress address) throws IOException {
      socket.setReceiveBufferSize(16 << 10);
      socket.connect(address, DEADLINE_MILLIS);
      socket.setSoTimeout(DEADLINE_MILLIS);
      socket.setTcpNoDelay(true);
      in = socket.getInputStream();
    }

    Client send(String text) throws IOException {
      socket.getOutputStream().write(Bytes.raw(text).getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    /// Sends what the other end may refuse to read.
    Client sendAnyway(String text) {
      try {
        return send(text);
      } catch (IOException e) {
        return this;
      }
    }

    /// Everything up to the other end's close; `†` at the end for a reset.
    String rest() throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      try {
        in.transferTo(all);
      } catch (SocketException e) {
        return text(all) + "†";
      }
      return text(all);
    }

    String read(int count) throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(in.readNBytes(count));
      return text(all);
    }

    /// Up to and with this.
    String until(String end) throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      while (!text(all).endsWith(end)) {
        int b = in.read();
        if (b < 0) {
          return text(all) + "‡";
        }
        all.write(b);
      }
      return text(all);
    }

    private static String text(ByteArrayOutputStream bytes) {
      return bytes.toString(StandardCharsets.ISO_8859_1).replace("\r\n", "␤");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
