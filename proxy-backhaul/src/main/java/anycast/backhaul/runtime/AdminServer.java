package anycast.backhaul.runtime;

import anycast.backhaul.posix.SpareDescriptors;
import anycast.routing.time.Progress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The operator's door: HTTP/1.1 and JSON on a Unix domain socket that only this user may use.
///
/// It shares nothing with the data path but what answers read: its own loop moves the bytes, its
/// own threads make the answers, so it speaks while every event loop is stuck. A client that sends
/// slowly, garbage or nothing costs a file descriptor until [#IDLE_MILLIS] are over.
///
/// **Threading.** Callable from any thread. **Limits.** [#MAX_CONNECTIONS], [#MAX_REQUEST_BYTES],
/// [#ANSWER_THREADS]; what exceeds them is closed or answered 503.
public final class AdminServer implements AutoCloseable {
  /// Silence after which a connection is closed; a client of ours speaks at once.
  static final int IDLE_MILLIS = 5000;

  /// Time for an answer to be read once it is made; 64 MiB need a tenth of a second.
  static final int UNREAD_SECONDS = 30;

  /// Operators and a scraper; more is a runaway script, which must not use up the descriptors.
  static final int MAX_CONNECTIONS = 64;

  /// Our requests have no body and one long URL.
  static final int MAX_REQUEST_BYTES = 16 << 10;

  /// One may list a million routes and one hang on a broken answer, and two still serve.
  static final int ANSWER_THREADS = 4;

  /// Held for when no descriptor is left: one for who asks, and three for what an answer opens.
  private static final int SPARE_DESCRIPTORS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

  /// How often the server asks itself whether it still answers.
  private static final long PROBE_MILLIS = 250;

  private final Progress progress = new Progress();
  private final EventLoopGroup loop;
  private final ExecutorService answering;
  private final AdminSocket socket;
  private final Channel listener;
  private final ChannelGroup connections;
  private final Spare spare;

  private AdminServer(
      EventLoopGroup loop,
      ExecutorService answering,
      AdminSocket socket,
      Channel listener,
      ChannelGroup connections,
      Spare spare) {
    this.loop = loop;
    this.answering = answering;
    this.socket = socket;
    this.listener = listener;
    this.connections = connections;
    this.spare = spare;
  }

  /// Serves `answers`, by path such as `/status`, or `POST /resync` for one that does something.
  ///
  /// **Faults.** `IOException` with one sentence where the socket cannot be made, or another
  /// process answers on it.
  ///
  /// @param path of the socket; a stale one that nobody answers on is replaced
  public static AdminServer start(Path path, Map<String, AdminAnswer> answers) throws IOException {
    return start(path, IDLE_MILLIS, answers);
  }

  static AdminServer start(Path path, int idleMillis, Map<String, AdminAnswer> answers)
      throws IOException {
    AdminSocket socket = AdminSocket.prepare(path);
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("admin-io", true), NioIoHandler.newFactory());
    ThreadPoolExecutor answering =
        new ThreadPoolExecutor(
            ANSWER_THREADS,
            ANSWER_THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_CONNECTIONS),
            new DefaultThreadFactory("admin", true));
    answering.allowCoreThreadTimeOut(true);
    AdminPages pages = new AdminPages(answers);
    ChannelGroup connections = new DefaultChannelGroup(loop.next());
    Spare spare = new Spare();
    try {
      Channel listener =
          new ServerBootstrap()
              .group(loop)
              .channel(NioServerDomainSocketChannel.class)
              .handler(spare)
              .childHandler(new Connections(connections, pages, answering, idleMillis))
              .bind(UnixDomainSocketAddress.of(socket.bindPath()))
              .syncUninterruptibly()
              .channel();
      socket.publish();
      AdminServer server = new AdminServer(loop, answering, socket, listener, connections, spare);
      loop.scheduleWithFixedDelay(server::probe, 0, PROBE_MILLIS, TimeUnit.MILLISECONDS);
      return server;
    } catch (Exception e) {
      // Netty throws the checked exceptions of bind undeclared.
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      answering.shutdown();
      socket.abandon();
      throw new IOException("admin socket " + path + " cannot be made: " + e.getMessage(), e);
    }
  }

  /// Beaten every 250 ms by way of both kinds of threads: the loop asks the answering ones, one of
  /// them answers, and the loop hears it.
  public Progress progress() {
    return progress;
  }

  /// The one that moves the bytes.
  public Thread thread() {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    loop.execute(() -> thread.complete(Thread.currentThread()));
    return thread.join();
  }

  private void probe() {
    if (connections.isEmpty() && listener.isOpen()) {
      spare.held.hold();
    }
    try {
      answering.execute(() -> hear(progress::beat));
    } catch (RejectedExecutionException e) {
      // All answering threads have work, and as many questions wait as may: no beat says just that.
    }
  }

  private void hear(Runnable answer) {
    try {
      loop.execute(answer);
    } catch (RejectedExecutionException e) {
      // The server has closed meanwhile: nobody counts any more.
    }
  }

  /// Stops answering and removes the socket, if it is still ours.
  @Override
  public void close() {
    socket.remove();
    listener.close().syncUninterruptibly();
    // Before the loop goes: what a connection still holds is released by its own closing.
    connections.close().awaitUninterruptibly();
    loop.execute(spare.held::release);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    answering.shutdownNow();
  }

  /// Lets the operator in where clients, or whoever else, have used up all descriptors. Where the
  /// spare ones are used up as well, Netty leaves the listener alone for a second.
  private static final class Spare extends ChannelInboundHandlerAdapter {
    private final SpareDescriptors held = new SpareDescriptors(SPARE_DESCRIPTORS);

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (held.release()) {
        LOG.warn("the admin socket lives on spare file descriptors: {}", cause.getMessage());
      } else {
        context.fireExceptionCaught(cause);
      }
    }
  }

  /// Assembles accepted connections.
  private static final class Connections extends ChannelInitializer<Channel> {
    private final ChannelGroup open;
    private final AdminPages pages;
    private final ExecutorService answering;
    private final int idleMillis;

    Connections(ChannelGroup open, AdminPages pages, ExecutorService answering, int idleMillis) {
      this.open = open;
      this.pages = pages;
      this.answering = answering;
      this.idleMillis = idleMillis;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (open.size() >= MAX_CONNECTIONS) {
        channel.close();
        return;
      }
      open.add(channel);
      // In this order: silence and unread answers close, bytes become requests, requests are whole
      // and small, and each is answered.
      channel
          .pipeline()
          .addLast(new ReadTimeoutHandler(idleMillis, TimeUnit.MILLISECONDS))
          .addLast(new WriteTimeoutHandler(UNREAD_SECONDS))
          .addLast(new HttpServerCodec())
          .addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES, true))
          .addLast(new AdminConnection(pages, answering));
    }
  }
}
