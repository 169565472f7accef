package anycast.backhaul.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/// However TCP cuts the bytes, the events are the same.
class SplitsTest {
  private static final byte[] CONVERSATION = conversation();

  @Property(tries = 200)
  void givesTheSameEventsForAnySplit(
      @ForAll @Size(max = 40) List<@IntRange(min = 0, max = 700) Integer> cuts) {
    int[] at = cuts.stream().mapToInt(i -> Math.min(i, CONVERSATION.length)).sorted().toArray();
    assertEquals(play(CONVERSATION.length), play(at));
  }

  @Test
  void givesTheSameEventsByteForByte() {
    int[] each = new int[CONVERSATION.length];
    Arrays.setAll(each, i -> i);
    assertEquals(play(CONVERSATION.length), play(each));
  }

  private static List<String> play(int... cuts) {
    try (RawPeer peer = RawPeer.silentClient(H2Limits.publicSide())) {
      int from = 0;
      for (int cut : cuts) {
        if (cut > from) {
          peer.bytes(Arrays.copyOfRange(CONVERSATION, from, cut));
          from = cut;
        }
      }
      if (from < CONVERSATION.length) {
        peer.bytes(Arrays.copyOfRange(CONVERSATION, from, CONVERSATION.length));
      }
      List<String> all = new java.util.ArrayList<>(peer.log.lines);
      all.addAll(peer.errors());
      return all;
    }
  }

  private static byte[] conversation() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] block = RawPeer.block(RawPeer.request("x-a", "b".repeat(50)));
    all.writeBytes(RawPeer.PREFACE);
    all.writeBytes(RawPeer.encode(RawPeer.SETTINGS, 0, 0, RawPeer.setting(4, 1000)));
    all.writeBytes(RawPeer.encode(RawPeer.SETTINGS, RawPeer.ACK, 0));
    all.writeBytes(RawPeer.encode(RawPeer.HEADERS, 4, 1, block));
    all.writeBytes(RawPeer.encode(RawPeer.DATA, 0, 1, new byte[60]));
    all.writeBytes(RawPeer.encode(RawPeer.HEADERS, 1, 3, Arrays.copyOf(block, 30)));
    all.writeBytes(
        RawPeer.encode(RawPeer.CONTINUATION, 4, 3, Arrays.copyOfRange(block, 30, block.length)));
    all.writeBytes(RawPeer.encode(RawPeer.PING, 0, 0, new byte[8]));
    all.writeBytes(RawPeer.encode(RawPeer.DATA, RawPeer.END_STREAM, 1, new byte[20]));
    all.writeBytes(RawPeer.encode(RawPeer.HEADERS, 5, 5, RawPeer.block(":method", "GET")));
    all.writeBytes(RawPeer.encode(RawPeer.WINDOW_UPDATE, 0, 1, RawPeer.int32(0)));
    all.writeBytes(RawPeer.encode(RawPeer.RST, 0, 3, RawPeer.int32(8)));
    all.writeBytes(RawPeer.encode(RawPeer.PUSH_PROMISE, 4, 3, RawPeer.int32(2)));
    return all.toByteArray();
  }
}
