package anycast.backhaul.runtime;

import anycast.routing.time.Ticker;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// The data path's threads, and how their sockets are made.
///
/// **Threading.** Callable from any thread. An exchange and all that belongs to it lives on one of
/// [#loops()]; nobody blocks there.
public final class EventLoops implements AutoCloseable {
  /// Bytes that wait in a channel before it calls itself unwritable, and below which it is writable
  /// again. 256 KiB is what a 1 Gbit/s peer 2 ms away takes in one round trip; 64 KiB keeps the
  /// kernel's buffer fed while the source is woken.
  static final WriteBufferWaterMark WRITE_MARKS = new WriteBufferWaterMark(64 << 10, 256 << 10);

  /// Connections that the kernel has accepted and we have not: one burst at 20,000 a second while a
  /// loop is busy for 50 ms. The kernel cuts it to `net.core.somaxconn`.
  static final int ACCEPT_BACKLOG = 1024;

  private final Transport transport;
  private final IoEventLoopGroup group;
  private final List<EventLoop> loops;
  private final Ticker ticker;
  private final Descriptors descriptors = Descriptors.ofProcess();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private EventLoops(Transport transport, IoEventLoopGroup group, Ticker ticker) {
    this.transport = transport;
    this.group = group;
    this.ticker = ticker;
    List<EventLoop> all = new ArrayList<>();
    group.forEach(executor -> all.add((EventLoop) executor));
    this.loops = List.copyOf(all);
  }

  /// Starts loops whose threads are called `name-1`, `name-2`, ….
  ///
  /// **Faults.** `IllegalStateException` where the transport does not run on this machine.
  ///
  /// @param loops how many; 0 = one per core
  public static EventLoops start(String name, Transport transport, int loops) {
    sampleNoLeaks();
    Transport real = transport.resolved();
    int count = loops > 0 ? loops : Runtime.getRuntime().availableProcessors();
    IoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            count, new DefaultThreadFactory(name, true), real.ioHandlers());
    return new EventLoops(real, group, Ticker.system());
  }

  /// Netty samples buffers for leaks unless told otherwise, which took 2 % of an edge's time; the
  /// tests look at every buffer instead, by the property.
  private static void sampleNoLeaks() {
    if (System.getProperty("io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
  }

  /// Like [#start] with the values of the configuration block `runtime`.
  public static EventLoops start(String name, RuntimeConfig config) {
    return start(name, config.transport(), config.eventLoops());
  }

  /// What the loops run on; never `AUTO`.
  public Transport transport() {
    return transport;
  }

  public IoEventLoopGroup group() {
    return group;
  }

  /// All loops, always in the same order.
  public List<EventLoop> loops() {
    return loops;
  }

  /// The clock of everything that runs on the loops.
  public Ticker ticker() {
    return ticker;
  }

  /// What the sockets of the loops may take of the process' file descriptors.
  public Descriptors descriptors() {
    return descriptors;
  }

  /// A listener whose accepted channels are spread over all loops; the caller adds the child
  /// handler and binds. Auto-read stays on; who relays switches it off in the child.
  public ServerBootstrap server() {
    return server(transport.serverChannel());
  }

  /// The same of a socket that listens already: the caller registers it instead of binding.
  ///
  /// @param fd of the socket; from then on the channel's
  ServerBootstrap server(int fd) {
    return server(transport.adopting(fd));
  }

  private ServerBootstrap server(ChannelFactory<ServerChannel> channels) {
    return new ServerBootstrap()
        .group(group)
        .channelFactory(channels)
        .handler(descriptors.gate())
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, ACCEPT_BACKLOG)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_MARKS);
  }

  /// An outgoing TCP connection that lives on `loop`; the caller adds handler and timeout.
  public Bootstrap client(EventLoop loop) {
    ChannelFactory<Channel> sockets = transport.clientChannel();
    ChannelFactory<Channel> bounded = () -> descriptors.opened(sockets.newChannel());
    return new Bootstrap()
        .group(loop)
        .channelFactory(bounded)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_MARKS);
  }

  /// Ends the loops: what is queued still runs, what is open is closed.
  ///
  /// @return whether all threads ended within `timeout`
  public boolean stop(Duration timeout) throws InterruptedException {
    shutDown(timeout);
    return group.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Asks the loops to end at once and does not wait.
  @Override
  public void close() {
    shutDown(Duration.ofSeconds(1));
  }

  /// A loop looks whether it shall end, closes its channels if so, runs its tasks, and looks again.
  /// Told between the two looks, and without a quiet period, it ends with its channels open: nobody
  /// hears that they are gone, and what they hold is lost (2 of 15 runs of a test on a busy
  /// machine). A hook that runs and a quiet period above zero make it go round once more.
  private void shutDown(Duration timeout) {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    group.forEach(loop -> ((SingleThreadEventExecutor) loop).addShutdownHook(() -> {}));
    group.shutdownGracefully(1, timeout.toNanos(), TimeUnit.NANOSECONDS);
  }
}
