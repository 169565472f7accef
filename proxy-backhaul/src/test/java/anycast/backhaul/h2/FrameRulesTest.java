package anycast.backhaul.h2;

import static anycast.backhaul.h2.RawPeer.ACK;
import static anycast.backhaul.h2.RawPeer.CONTINUATION;
import static anycast.backhaul.h2.RawPeer.DATA;
import static anycast.backhaul.h2.RawPeer.END_HEADERS;
import static anycast.backhaul.h2.RawPeer.END_STREAM;
import static anycast.backhaul.h2.RawPeer.GOAWAY;
import static anycast.backhaul.h2.RawPeer.HEADERS;
import static anycast.backhaul.h2.RawPeer.PADDED;
import static anycast.backhaul.h2.RawPeer.PING;
import static anycast.backhaul.h2.RawPeer.PRIORITY;
import static anycast.backhaul.h2.RawPeer.PUSH_PROMISE;
import static anycast.backhaul.h2.RawPeer.RST;
import static anycast.backhaul.h2.RawPeer.SETTINGS;
import static anycast.backhaul.h2.RawPeer.WINDOW_UPDATE;
import static anycast.backhaul.h2.RawPeer.block;
import static anycast.backhaul.h2.RawPeer.int32;
import static anycast.backhaul.h2.RawPeer.request;
import static anycast.backhaul.h2.RawPeer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Frames that break the protocol or wear the server out, and the error they earn.
class FrameRulesTest {
  static Stream<Arguments> faults() {
    return Stream.of(
        fault("even stream id", "GOAWAY 1", p -> p.get(2, true)),
        fault("HEADERS on 0", "GOAWAY 1", p -> p.get(0, true)),
        fault("DATA on idle", "GOAWAY 1", p -> p.frame(DATA, 0, 1, (byte) 1)),
        fault("RST on idle", "GOAWAY 1", p -> p.frame(RST, 0, 1, int32(8))),
        fault("WINDOW_UPDATE on idle", "GOAWAY 1", p -> p.frame(WINDOW_UPDATE, 0, 1, int32(8))),
        fault("lower id", "GOAWAY 1", p -> p.get(5, true).get(3, true)),
        fault("DATA after end", "RST 5 on 1", p -> p.get(1, true).frame(DATA, 0, 1, (byte) 1)),
        fault("HEADERS after end", "RST 5 on 1", p -> p.get(1, true).headers(1, true, "a", "b")),
        fault("no update", "RST 1 on 1", p -> p.get(1, false).frame(WINDOW_UPDATE, 0, 1, int32(0))),
        fault("no update on 0", "GOAWAY 1", p -> p.frame(WINDOW_UPDATE, 0, 0, int32(0))),
        fault(
            "stream overflow",
            "RST 3 on 1",
            p -> p.get(1, false).frame(WINDOW_UPDATE, 0, 1, int32(Integer.MAX_VALUE))),
        fault(
            "connection overflow",
            "GOAWAY 3",
            p -> p.frame(WINDOW_UPDATE, 0, 0, int32(Integer.MAX_VALUE))),
        fault("update of 3", "GOAWAY 6", p -> p.frame(WINDOW_UPDATE, 0, 0, new byte[3])),
        fault("PING of 7", "GOAWAY 6", p -> p.frame(PING, 0, 0, new byte[7])),
        fault("SETTINGS of 5", "GOAWAY 6", p -> p.frame(SETTINGS, 0, 0, new byte[5])),
        fault("ACK with payload", "GOAWAY 6", p -> p.frame(SETTINGS, ACK, 0, new byte[6])),
        fault("PING on 1", "GOAWAY 1", p -> p.frame(PING, 0, 1, new byte[8])),
        fault(
            "PUSH_PROMISE",
            "GOAWAY 1",
            p -> p.get(1, false).frame(PUSH_PROMISE, END_HEADERS, 1, int32(2))),
        fault("lone CONTINUATION", "GOAWAY 1", p -> p.frame(CONTINUATION, END_HEADERS, 1)),
        fault(
            "frame inside a head",
            "GOAWAY 1",
            p -> p.frame(HEADERS, 0, 1, block(request())).frame(PING, 0, 0, new byte[8])),
        fault(
            "padding larger than payload",
            "GOAWAY 1",
            p -> p.get(1, false).frame(DATA, PADDED, 1, (byte) 9, (byte) 0)),
        fault("PRIORITY of 4", "RST 6 on 1", p -> p.frame(PRIORITY, 0, 1, new byte[4])),
        fault(
            "depends on itself",
            "RST 1 on 1",
            p ->
                p.get(1, false)
                    .frame(PRIORITY, 0, 1, (byte) 0, (byte) 0, (byte) 0, (byte) 1, (byte) 1)),
        fault("huge window", "GOAWAY 3", p -> p.frame(SETTINGS, 0, 0, setting(4, 1 << 31))),
        fault("tiny frames", "GOAWAY 1", p -> p.frame(SETTINGS, 0, 0, setting(5, 1))),
        fault("push 2", "GOAWAY 1", p -> p.frame(SETTINGS, 0, 0, setting(2, 2))),
        fault(
            "frame too large",
            "GOAWAY 6",
            p -> p.get(1, false).frame(DATA, 0, 1, new byte[16_385])),
        fault("HPACK index 0", "GOAWAY 9", p -> p.frame(HEADERS, 5, 1, (byte) 0x80)),
        fault("HPACK index past end", "GOAWAY 9", p -> p.frame(HEADERS, 5, 1, (byte) 0xfe)),
        fault(
            "HPACK table of 2 MB",
            "GOAWAY 9",
            p -> p.frame(HEADERS, 5, 1, (byte) 0x3f, (byte) 0xff, (byte) 0xff, (byte) 0x7f)),
        fault("HPACK integer overflow", "GOAWAY 9", p -> p.frame(HEADERS, 5, 1, filled(12, 0xff))),
        fault(
            "bad Huffman",
            "GOAWAY 9",
            p -> p.frame(HEADERS, 5, 1, (byte) 0, (byte) 0x81, (byte) 0xff, (byte) 0)),
        fault("head above the limit", "RST 11 on 1", p -> large(p, 36_000)),
        fault("head far above the limit", "GOAWAY 11", p -> large(p, 42_000)),
        fault("HPACK bomb", "GOAWAY 11", FrameRulesTest::bomb),
        fault("tiny CONTINUATIONs", "GOAWAY 11", FrameRulesTest::continuations),
        fault("rapid reset", "GOAWAY 11", FrameRulesTest::rapidReset),
        fault("made-you reset", "GOAWAY 11", FrameRulesTest::madeYouReset),
        fault("too many streams", "RST 7 on 201", p -> open(p, 101)),
        fault(
            "empty DATA",
            "GOAWAY 11",
            p -> p.get(1, false).frame(DATA, 0, 1).frame(DATA, 0, 1).frame(DATA, 0, 1)),
        fault(
            "PRIORITY flood",
            "GOAWAY 11",
            p -> times(3000, i -> p.frame(PRIORITY, 0, 2 * i + 1, new byte[5]))),
        fault("PING flood", "GOAWAY 11", p -> times(1100, i -> p.frame(PING, 0, 0, new byte[8]))),
        fault("SETTINGS flood", "GOAWAY 11", p -> times(1100, i -> p.frame(SETTINGS, 0, 0))),
        fault(
            "WINDOW_UPDATE flood",
            "GOAWAY 11",
            p -> times(1300, i -> p.frame(WINDOW_UPDATE, 0, 0, int32(1)))),
        fault(
            "DATA above the window",
            "RST 3 on 1",
            p -> {
              p.get(1, false);
              times(17, i -> p.frame(DATA, 0, 1, new byte[16_384]));
            }));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("faults")
  void answersFaultsWithTheirCode(String name, String error, Consumer<RawPeer> fault) {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      fault.accept(peer);
      assertEquals(error, peer.lastError(), peer.errors().toString());
      if (error.startsWith("GOAWAY")) {
        assertEquals("closed", peer.log.lines.getLast());
        peer.channel.advanceTimeBy(1, TimeUnit.SECONDS);
        peer.channel.runScheduledPendingTasks();
        assertFalse(peer.channel.isOpen());
      } else {
        peer.forget();
        peer.get(1001, true);
        assertTrue(
            peer.log.lines.contains("request 1001 end") || name.equals("too many streams"),
            "the connection is dead");
      }
    }
  }

  @Test
  void cancelsTheWorkOfEachStreamOfARapidReset() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      rapidReset(peer);
      long begun = peer.log.lines.stream().filter(l -> l.startsWith("request")).count();
      long ended =
          peer.log.lines.stream()
              .filter(l -> l.startsWith("reset") || l.startsWith("lost"))
              .count();
      assertEquals(201, begun);
      assertEquals(begun, ended);
    }
  }

  @Test
  void forgivesResetsSpreadOverTime() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      times(
          400,
          i -> {
            peer.nanos += 1_000_000_000L;
            peer.get(2 * i + 1, false).frame(RST, 0, 2 * i + 1, int32(8));
          });
      assertEquals(List.of(), peer.errors());
    }
  }

  @Test
  void refusesEachStreamAboveTheLimit() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      open(peer, 300);
      assertEquals(200, peer.errors().size());
      assertEquals("RST 7 on 201", peer.errors().getFirst());
      assertEquals(100, peer.connection.openStreams());
      // Their late frames do no harm.
      peer.frame(DATA, END_STREAM, 201, new byte[10]);
      assertEquals(200, peer.errors().size());
    }
  }

  @Test
  void ignoresUnknownFramesAndSettings() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.frame(0x42, 0, 0, new byte[10]).frame(SETTINGS, 0, 0, setting(0x42, 7)).get(1, true);
      assertEquals(List.of(), peer.errors());
      assertEquals(List.of("request 1 end"), peer.log.lines);
    }
  }

  @Test
  void closesOnAGarbledPreface() {
    try (RawPeer peer = RawPeer.silentClient(H2Limits.publicSide())) {
      peer.bytes("GET / HTTP/1.1\r\n\r\n".getBytes());
      assertEquals(List.of("closed"), peer.log.lines);
    }
  }

  @Test
  void closesWhenTheFirstFrameIsNotSettings() {
    try (RawPeer peer = RawPeer.silentClient(H2Limits.publicSide())) {
      peer.bytes(RawPeer.PREFACE).frame(PING, 0, 0, new byte[8]);
      assertEquals("GOAWAY 1", peer.lastError());
    }
  }

  @Test
  void closesWithoutSettingsAfterTenSeconds() {
    try (RawPeer peer = RawPeer.silentClient(H2Limits.publicSide())) {
      peer.bytes(Arrays.copyOf(RawPeer.PREFACE, 10));
      peer.channel.advanceTimeBy(9, TimeUnit.SECONDS);
      peer.channel.runScheduledPendingTasks();
      assertEquals(List.of(), peer.log.lines);
      peer.channel.advanceTimeBy(2, TimeUnit.SECONDS);
      peer.channel.runScheduledPendingTasks();
      assertEquals(List.of("closed"), peer.log.lines);
      peer.channel.advanceTimeBy(1, TimeUnit.SECONDS);
      peer.channel.runScheduledPendingTasks();
      assertFalse(peer.channel.isOpen());
    }
  }

  @Test
  void finishesWhatIsOpenAfterAGoAwayOfTheClient() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.get(1, false).frame(GOAWAY, 0, 0, new byte[8]);
      assertEquals(List.of("request 1", "goaway 0 0"), peer.log.lines);
      peer.frame(DATA, END_STREAM, 1, new byte[3]);
      peer.act(() -> peer.log.streams.get(1).sendData(io.netty.buffer.Unpooled.EMPTY_BUFFER, true));
      assertEquals("closed", peer.log.lines.getLast());
    }
  }

  private static void large(RawPeer p, int bytes) {
    byte[] block = block(request("x-a", "a".repeat(bytes / 2), "x-b", "b".repeat(bytes / 2)));
    p.frame(HEADERS, END_STREAM, 1, Arrays.copyOf(block, 16_000));
    byte[] rest = Arrays.copyOfRange(block, 16_000, block.length);
    while (rest.length > 16_000) {
      p.frame(CONTINUATION, 0, 1, Arrays.copyOf(rest, 16_000));
      rest = Arrays.copyOfRange(rest, 16_000, rest.length);
    }
    p.frame(CONTINUATION, END_HEADERS, 1, rest);
  }

  // One entry of nearly the whole table, named 8,000 times.
  private static void bomb(RawPeer p) {
    byte[] entry = block(request("x", "y".repeat(3900)));
    int at = entry.length - 3900 - 5;
    entry[at] = 0x40;
    byte[] block = Arrays.copyOf(entry, entry.length + 8000);
    Arrays.fill(block, entry.length, block.length, (byte) 0xbe);
    p.frame(HEADERS, END_STREAM | END_HEADERS, 1, block);
  }

  private static void continuations(RawPeer p) {
    p.frame(HEADERS, END_STREAM, 1, block(request()));
    times(17, i -> p.frame(CONTINUATION, 0, 1));
  }

  private static void rapidReset(RawPeer p) {
    times(400, i -> p.get(2 * i + 1, false).frame(RST, 0, 2 * i + 1, int32(8)));
  }

  private static void madeYouReset(RawPeer p) {
    times(400, i -> p.get(2 * i + 1, false).frame(WINDOW_UPDATE, 0, 2 * i + 1, int32(0)));
  }

  private static void open(RawPeer p, int streams) {
    times(streams, i -> p.get(2 * i + 1, false));
  }

  private static void times(int count, java.util.function.IntConsumer action) {
    for (int i = 0; i < count; i++) {
      action.accept(i);
    }
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static Arguments fault(String name, String error, Consumer<RawPeer> fault) {
    return Arguments.of(name, error, fault);
  }
}
