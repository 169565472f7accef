package anycast.ctl.supervise;

import static java.util.stream.Collectors.joining;

import anycast.backhaul.posix.NotifySender;
import anycast.routing.ChildJvm;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A service on strings: what a test writes into a pipe it tells the supervisor, `;` for a line
/// end; `exit N` ends it. With `serve` it also accepts on its first inherited socket, as the
/// proxies do, and says its pid to each connection.
final class Puppet {
  private Puppet() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 1) {
      serve();
    }
    // for writing too: a pipe ends when its last writer leaves
    try (NotifySender sender = NotifySender.open(System.getenv("NOTIFY_SOCKET"));
        RandomAccessFile strings = new RandomAccessFile(arguments[0], "rw")) {
      while (true) {
        String line = strings.readLine();
        if (line.startsWith("exit ")) {
          Runtime.getRuntime().halt(Integer.parseInt(line.substring(5)));
        }
        sender.send(line.replace(';', '\n'));
      }
    }
  }

  private static void serve() {
    new ServerBootstrap()
        .group(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
        .channelFactory(() -> new EpollServerSocketChannel(3))
        .childHandler(new SaysPid())
        .register()
        .syncUninterruptibly();
  }

  @Sharable
  private static final class SaysPid extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      String pid = ProcessHandle.current().pid() + "\n";
      context
          .writeAndFlush(Unpooled.copiedBuffer(pid, StandardCharsets.US_ASCII))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  /// Makes the pipe.
  static Path strings(Path directory) throws IOException, InterruptedException {
    Path pipe = directory.resolve("strings");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
    if (!made.waitFor(30, TimeUnit.SECONDS) || made.exitValue() != 0) {
      throw new IOException("mkfifo failed");
    }
    return pipe;
  }

  /// Waits until a puppet is there, and has it tell.
  static void pull(Path strings, String line) throws IOException {
    Files.writeString(strings, line + "\n", java.nio.file.StandardOpenOption.WRITE);
  }

  /// In the flow style of YAML.
  static String command(Path strings, String... more) {
    List<String> command =
        ChildJvm.command(List.of(ChildJvm.QUICK, "-XX:+UseSerialGC"), Puppet.class, strings);
    command.addAll(List.of(more));
    return command.stream().map(word -> "'" + word + "'").collect(joining(", ", "[", "]"));
  }
}
