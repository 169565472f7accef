package anycast.tidy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What an event loop must not do, where a search for calls may overlook it; only read by the law,
/// never run.
final class Hidden {
  private Hidden() {}

  /// Runs when somebody first touches it.
  static final class Initialised {
    static final boolean THERE = Files.isDirectory(Path.of("there"));

    private Initialised() {}
  }

  /// Asked by whoever joins strings.
  static final class Told {
    @Override
    public synchronized String toString() {
      return "told";
    }
  }

  /// Asked by the JDK alone.
  static final class Order implements Comparator<String> {
    @Override
    public synchronized int compare(String one, String other) {
      return one.compareTo(other);
    }
  }

  interface Act {
    void act() throws InterruptedException;
  }

  static native void outside();

  static void followed(CompletableFuture<byte[]> result) {
    result.thenAccept(bytes -> new SecureRandom().nextBytes(bytes));
  }

  static final class Handler extends ChannelInboundHandlerAdapter {
    private final Act act = new CountDownLatch(1)::await;
    private final Map<String, String> shared = new ConcurrentHashMap<>();
    private final Phaser phaser = new Phaser();
    private final ExecutorService threads;
    private final MethodHandle handle;

    Handler(ExecutorService threads, MethodHandle handle) {
      this.threads = threads;
      this.handle = handle;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      context.fireUserEventTriggered(Initialised.THERE);
      act.act();
      outside();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.fireUserEventTriggered("says " + new Told());
      context.fireUserEventTriggered(List.of("b", "a").stream().sorted(new Order()).toList());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
      context.fireUserEventTriggered(shared.computeIfAbsent("a", key -> key));
      context.fireUserEventTriggered(Hidden.class.getDeclaredMethod("none").invoke(null));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      Executor loop = context.executor();
      loop.execute(() -> LockSupport.park());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      Runnable kept =
          () -> {
            boolean _ = Path.of("there").toFile().delete();
          };
      // This one may wait: it is another thread's.
      threads.execute(() -> phaser.arriveAndAwaitAdvance());
      kept.run();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      try {
        handle.invoke();
        TimeUnit.SECONDS.timedJoin(Thread.currentThread(), 1);
      } catch (Throwable e) {
        context.close();
      }
    }
  }
}
