package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EventLoopsTest {
  @ParameterizedTest
  @EnumSource(Transport.class)
  void everyTransportCarriesBytesBothWays(Transport transport) throws Exception {
    EventLoops loops = startOrSkip(transport);
    try (loops) {
      Channel listener =
          loops
              .server()
              .childHandler(handler(new Echo()))
              .bind(new InetSocketAddress("127.0.0.1", 0))
              .sync()
              .channel();
      CompletableFuture<String> heard = new CompletableFuture<>();
      Channel client =
          loops
              .client(loops.loops().getLast())
              .handler(handler(new Hear(heard)))
              .connect(listener.localAddress())
              .sync()
              .channel();
      client.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII)).sync();

      assertEquals("hello", heard.get(10, TimeUnit.SECONDS));
      assertEquals(loops.loops().getLast(), client.eventLoop());
      assertTrue(client.config().getOption(ChannelOption.TCP_NODELAY));
      assertEquals(256 << 10, client.config().getWriteBufferHighWaterMark());
      assertNotEquals(Transport.AUTO, loops.transport());
      client.close().sync();
      listener.close().sync();
      assertTrue(loops.stop(Duration.ofSeconds(10)));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void channelsHearOfTheEndWhereverTheLoopStandsWhenItIsToldToStop(Transport transport)
      throws Exception {
    EventLoops loops = startOrSkip(transport);
    CompletableFuture<Void> gone = new CompletableFuture<>();
    Channel listener =
        loops
            .server()
            .handler(handler(new Gone(gone)))
            .childHandler(handler(new Echo()))
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();

    // Among the loop's tasks: behind its look whether to close, before its look whether to end.
    listener.eventLoop().execute(loops::close);

    gone.get(10, TimeUnit.SECONDS);
    assertTrue(loops.stop(Duration.ofSeconds(10)));
  }

  @Test
  void loopsAreNamedAndAsManyAsAsked() throws Exception {
    try (EventLoops loops = EventLoops.start("edge", Transport.NIO, 3)) {
      assertEquals(3, loops.loops().size());
      String name = loops.loops().getFirst().submit(() -> Thread.currentThread().getName()).get();
      assertTrue(name.startsWith("edge-"), name);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void turnEndRunsOnceAfterAllTasksOfTheTurn(Transport transport) throws Exception {
    try (EventLoops loops = startOrSkip(transport)) {
      EventLoop loop = loops.loops().getFirst();
      List<String> events = new ArrayList<>();
      CompletableFuture<List<String>> done = new CompletableFuture<>();
      loop.execute(() -> {
        TurnEnd end =
            new TurnEnd(
                loop,
                () -> {
                  events.add("flush");
                  done.complete(List.copyOf(events));
                });
        events.add("write 1");
        end.ask();
        loop.execute(() -> {
          events.add("write 2");
          end.ask();
        });
      });

      assertEquals(List.of("write 1", "write 2", "flush"), done.get(10, TimeUnit.SECONDS));
      loop.submit(() -> {}).get(10, TimeUnit.SECONDS);
      assertEquals(1, loop.submit(() -> events.stream().filter("flush"::equals).count()).get());
    }
  }

  @Test
  void turnEndWorksOnAnEmbeddedChannelAndAgainAfterwards() {
    EmbeddedChannel channel = new EmbeddedChannel();
    int[] runs = {0};
    TurnEnd end = new TurnEnd(channel.eventLoop(), () -> runs[0]++);
    for (int turn = 1; turn <= 2; turn++) {
      end.ask();
      end.ask();
      channel.runPendingTasks();
      assertEquals(turn, runs[0]);
    }
    channel.finishAndReleaseAll();
  }

  private static EventLoops startOrSkip(Transport transport) {
    try {
      return EventLoops.start("test", transport, 2);
    } catch (IllegalStateException e) {
      // Kernels may forbid io_uring; then the message is what an operator gets to see.
      assertTrue(e.getMessage().contains("does not run here"), e.getMessage());
      return Assumptions.abort(e.getMessage());
    }
  }

  private static ChannelInitializer<Channel> handler(ChannelInboundHandlerAdapter handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(handler);
      }
    };
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }
  }

  private static final class Hear extends ChannelInboundHandlerAdapter {
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<String> heard;

    Hear(CompletableFuture<String> heard) {
      this.heard = heard;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      text.append(bytes.toString(StandardCharsets.US_ASCII));
      bytes.release();
      if (text.length() >= 5) {
        heard.complete(text.toString());
      }
    }
  }

  private static final class Gone extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Void> gone;

    Gone(CompletableFuture<Void> gone) {
      this.gone = gone;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      gone.complete(null);
    }
  }
}
