package anycast.tidy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// All that an event loop must not do; only read by the law, never run.
final class Planted {
  private Planted() {}

  /// Found through whoever implements it.
  interface Turn {
    void turn();
  }

  static final class Locking implements Turn {
    private final ReentrantLock lock = new ReentrantLock();

    @Override
    public void turn() {
      lock.lock();
      lock.unlock();
    }
  }

  static void block(Object monitor) {
    synchronized (monitor) {
      monitor.hashCode();
    }
  }

  static final class Handler extends ChannelInboundHandlerAdapter {
    private final Turn turn = new Locking();
    private final Supplier<Boolean> file = () -> Files.exists(Path.of("there"));
    private final Semaphore places = new Semaphore(1);
    private final Executor pool = Runnable::run;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      block(message);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      turn.turn();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context
          .executor()
          .execute(() -> {
            try {
              Thread.currentThread().join();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      Supplier<Object> result = new CompletableFuture<>()::join;
      context.fireUserEventTriggered(result.get());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
      context.fireUserEventTriggered(file.get());
      context.close().sync();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      pool.execute(() -> places.acquireUninterruptibly());
    }
  }
}
