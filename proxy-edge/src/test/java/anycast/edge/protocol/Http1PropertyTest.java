package anycast.edge.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import anycast.backhaul.h1.Bytes;
import anycast.backhaul.runtime.Counters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/// Whole connections, from bytes to what the app saw and the client read.
class Http1PropertyTest {
  private static final Counters COUNTERS = new Counters(List.of());
  private static final String H = "Host: a.test\r\n";

  /// What the app saw, and what the client read.
  private static String story(byte[] bytes, List<Integer> splits) {
    MockTicker time = Ticker.newMockTicker();
    App app = new App();
    Served served =
        Stage.served(
            new Walk(app, time::nanoTime),
            time::nanoTime,
            new RefusalLog(COUNTERS.shared(), time::nanoTime, 0));
    EmbeddedChannel channel =
        EmbeddedChannel.builder()
            .ticker(time)
            .handlers(new Http1Connection(served, Http1Limits.publicSide()))
            .build();
    int at = 0;
    for (int i = 0; at < bytes.length && channel.isOpen(); i++) {
      int step = splits.isEmpty() ? bytes.length : splits.get(i % splits.size());
      int count = Math.min(step, bytes.length - at);
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, count));
      channel.runPendingTasks();
      at += count;
    }
    StringBuilder story = new StringBuilder(app.seen.toString());
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      story.append(Bytes.text(each));
      each.release();
    }
    story.append(channel.isOpen());
    channel.finishAndReleaseAll();
    channel.checkException();
    return story.toString();
  }

  @Provide
  Arbitrary<byte[]> conversations() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "GET /1 HTTP/1.1\r\n" + H + "\r\n",
            "HEAD /2 HTTP/1.1\r\n" + H + "\r\n",
            "POST /3 HTTP/1.1\r\n" + H + "Content-Length: 5\r\n\r\nhello",
            "POST /4 HTTP/1.1\r\n"
                + H
                + "Transfer-Encoding: chunked\r\n\r\n3;a\r\nabc\r\n0\r\n\r\n",
            "POST /5 HTTP/1.1\r\n" + H + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
            "GET /chunked HTTP/1.1\r\n" + H + "\r\n",
            "GET /fault/NO_INSTANCE HTTP/1.1\r\n" + H + "\r\n",
            "GET /local HTTP/1.1\r\n" + H + "\r\n",
            "GET /6 HTTP/1.0\r\n" + H + "Connection: keep-alive\r\n\r\n",
            "GET /7 HTTP/1.1\r\n" + H + "Connection: close\r\n\r\n",
            "GET /8 HTTP/1.1\r\n" + H + "X: a\rb\r\n\r\n",
            "\r\n",
            "POST /9 HTTP/1.1\r\n" + H + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n");
    return piece
        .list()
        .ofMinSize(1)
        .ofMaxSize(8)
        .map(pieces -> String.join("", pieces).getBytes(StandardCharsets.ISO_8859_1));
  }

  @Property(tries = 200)
  void howTheBytesWereSplitMakesNoDifference(
      @ForAll("conversations") byte[] bytes,
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 60) Integer> splits) {
    assertEquals(story(bytes, List.of(1)), story(bytes, splits));
    assertEquals(story(bytes, List.of(1)), story(bytes, List.of()));
  }

  @Property(tries = 300)
  void garbageReachesNoApp(@ForAll byte[] garbage) {
    byte[] after =
        ("\0\r\n\r\nGET /smug HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[garbage.length + after.length];
    System.arraycopy(garbage, 0, all, 0, garbage.length);
    System.arraycopy(after, 0, all, garbage.length, after.length);
    assertFalse(story(all, List.of(5)).contains("/smug"));
  }
}
