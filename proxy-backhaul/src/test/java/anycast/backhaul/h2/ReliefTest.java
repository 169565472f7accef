package anycast.backhaul.h2;

import static anycast.backhaul.h2.RawPeer.ACK;
import static anycast.backhaul.h2.RawPeer.DATA;
import static anycast.backhaul.h2.RawPeer.SETTINGS;
import static anycast.backhaul.h2.RawPeer.int32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Streams that hold a shared connection's window and take nothing.
class ReliefTest {
  private static final int STREAM_BYTES = 64 << 10;
  private static final int CONNECTION_BYTES = 512 << 10;

  @Test
  void makesWindowsSmallWhenAQuarterIsHeldAndFirstWindowsAgainWhenItIsTaken() {
    try (RawPeer peer = peer()) {
      stall(peer, 1, 8 << 10);
      assertEquals(List.of(), windows(peer));
      stall(peer, 3, 60 << 10);
      stall(peer, 5, 60 << 10);
      assertEquals(List.of(Relief.TIGHT_WINDOW_BYTES), windows(peer));
      peer.frame(SETTINGS, ACK, 0);

      stall(peer, 7, 16 << 10);
      assertEquals(List.of(), peer.errors());
      stall(peer, 9, 24 << 10);
      assertEquals(List.of("RST 3 on 9"), peer.errors());

      peer.forget();
      for (int id : List.of(1, 3, 5, 7)) {
        peer.act(() -> peer.log.streams.get(id).consumed(STREAM_BYTES));
      }
      look(peer);
      assertEquals(List.of(STREAM_BYTES), windows(peer));
      assertEquals(List.of(), peer.errors());
    }
  }

  @Test
  void endsTheLongestStalledOnesWhenHalfIsHeld() {
    try (RawPeer peer = peer()) {
      for (int id = 1; id <= 9; id += 2) {
        stall(peer, id, STREAM_BYTES);
      }
      look(peer);
      assertEquals("RST 11 on 1", String.join(",", peer.errors()));
      assertTrue(peer.log.lines.contains("reset 1 11"), () -> peer.log.lines.toString());
      assertEquals(4, peer.connection.openStreams());
      look(peer);
      assertEquals(1, peer.errors().size());
    }
  }

  @Test
  void sparesWhoTakesSomethingEachSecond() {
    try (RawPeer peer = peer()) {
      for (int id = 1; id <= 11; id += 2) {
        stall(peer, id, STREAM_BYTES);
      }
      for (int second = 0; second < 2; second++) {
        for (int id = 1; id <= 11; id += 2) {
          H2Stream stream = peer.log.streams.get(id);
          peer.act(() -> stream.consumed(Relief.PROGRESS_BYTES));
        }
        look(peer);
      }
      assertEquals(List.of(), peer.errors());
      // A byte now and then is no progress.
      H2Stream trickle = peer.log.streams.get(1);
      peer.act(() -> trickle.consumed(1));
      look(peer);
      assertTrue(peer.errors().contains("RST 11 on 1"), () -> peer.errors().toString());
    }
  }

  @Test
  void leavesAConnectionAloneThatBelongsToOneClient() {
    try (RawPeer peer = RawPeer.client(limits(false))) {
      peer.bytes(RawPeer.encode(8, 0, 0, int32(CONNECTION_BYTES)));
      for (int id = 1; id <= 13; id += 2) {
        stall(peer, id, STREAM_BYTES);
      }
      look(peer);
      assertEquals(List.of(), windows(peer));
      assertEquals(List.of(), peer.errors());
    }
  }

  private static RawPeer peer() {
    return RawPeer.client(limits(true));
  }

  /// A request whose body comes and is not taken.
  private static void stall(RawPeer peer, int id, int bytes) {
    peer.get(id, false);
    for (int left = bytes; left > 0; left -= 8 << 10) {
      peer.frame(DATA, 0, id, new byte[Math.min(left, 8 << 10)]);
    }
  }

  private static void look(RawPeer peer) {
    peer.channel.advanceTimeBy(Relief.LOOK_MILLIS + 1, TimeUnit.MILLISECONDS);
    peer.channel.runScheduledPendingTasks();
    peer.act(() -> {});
  }

  /// First windows that the peer was told.
  private static List<Integer> windows(RawPeer peer) {
    List<Integer> told = new ArrayList<>();
    for (RawPeer.Frame frame : peer.frames) {
      if (frame.type() == SETTINGS && frame.flags() == 0) {
        told.add(Unpooled.wrappedBuffer(frame.payload()).getInt(2));
      }
    }
    return told;
  }

  private static H2Limits limits(boolean shared) {
    return new H2Limits(
        100,
        STREAM_BYTES,
        CONNECTION_BYTES,
        16_384,
        32 << 10,
        16,
        200,
        1000,
        30_000_000_000L,
        false,
        shared);
  }
}
