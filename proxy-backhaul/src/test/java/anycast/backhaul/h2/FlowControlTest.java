package anycast.backhaul.h2;

import static anycast.backhaul.h2.RawPeer.ACK;
import static anycast.backhaul.h2.RawPeer.DATA;
import static anycast.backhaul.h2.RawPeer.END_STREAM;
import static anycast.backhaul.h2.RawPeer.GOAWAY;
import static anycast.backhaul.h2.RawPeer.PADDED;
import static anycast.backhaul.h2.RawPeer.PING;
import static anycast.backhaul.h2.RawPeer.RST;
import static anycast.backhaul.h2.RawPeer.SETTINGS;
import static anycast.backhaul.h2.RawPeer.WINDOW_UPDATE;
import static anycast.backhaul.h2.RawPeer.int32;
import static anycast.backhaul.h2.RawPeer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Windows in both directions, turns between streams, and how streams and connections end.
class FlowControlTest {
  @Test
  void sendsNoMoreThanTheWindowsAdmitAndTheRestLater() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.frame(SETTINGS, 0, 0, setting(4, 10)).get(1, true);
      peer.forget();
      peer.act(() -> send(peer, 1, 25, true));
      assertEquals(List.of("HEADERS flags 4 on 1", "DATA 10 on 1"), show(peer));
      assertEquals(List.of("sent 1 10"), peer.log.lines);
      peer.forget();
      peer.frame(WINDOW_UPDATE, 0, 1, int32(5));
      assertEquals(List.of("DATA 5 on 1"), show(peer));
      peer.forget();
      peer.frame(WINDOW_UPDATE, 0, 1, int32(100));
      assertEquals(List.of("DATA 10 end on 1"), show(peer));
      assertEquals(List.of("sent 1 10"), peer.log.lines);
      assertEquals(0, peer.connection.openStreams());
    }
  }

  @Test
  void waitsBelowZeroWhenTheInitialWindowShrinks() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.frame(SETTINGS, 0, 0, setting(4, 100)).get(1, true);
      peer.act(() -> send(peer, 1, 100, false));
      peer.act(() -> data(peer, 1, 50, true));
      // 100 of 100 used: now 40 below zero.
      peer.frame(SETTINGS, 0, 0, setting(4, 60));
      peer.forget();
      peer.frame(WINDOW_UPDATE, 0, 1, int32(40));
      assertEquals(List.of(), show(peer));
      peer.frame(WINDOW_UPDATE, 0, 1, int32(1));
      assertEquals(List.of("DATA 1 on 1"), show(peer));
      peer.forget();
      peer.frame(SETTINGS, 0, 0, setting(4, 200));
      assertEquals(List.of("SETTINGS ACK", "DATA 49 end on 1"), show(peer));
    }
  }

  @Test
  void sharesTheConnectionWindowFrameByFrame() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.frame(SETTINGS, 0, 0, setting(4, 1 << 20)).get(1, true).get(3, true);
      peer.act(() -> send(peer, 1, 65_535, false));
      peer.act(() -> data(peer, 1, 60_000, true));
      peer.act(() -> send(peer, 3, 60_000, true));
      peer.forget();
      peer.frame(WINDOW_UPDATE, 0, 0, int32(40_000));
      assertEquals(List.of("DATA 16384 on 1", "DATA 16384 on 3", "DATA 7232 on 1"), show(peer));
    }
  }

  @Test
  void returnsWindowOnlyForWhatWasConsumed() {
    try (RawPeer peer = RawPeer.client(limits(100_000, 100_000))) {
      peer.get(1, false);
      peer.forget();
      for (int i = 0; i < 5; i++) {
        peer.frame(DATA, 0, 1, new byte[12_000]);
      }
      assertEquals(List.of(), show(peer));
      peer.act(() -> peer.log.streams.get(1).consumed(49_999));
      assertEquals(List.of(), show(peer));
      peer.act(() -> peer.log.streams.get(1).consumed(1));
      assertEquals(List.of("WINDOW_UPDATE 50000 on 0", "WINDOW_UPDATE 50000 on 1"), show(peer));
      // More than was delivered is not believed.
      peer.forget();
      peer.act(() -> peer.log.streams.get(1).consumed(1_000_000));
      assertEquals(List.of(), show(peer));
    }
  }

  @Test
  void returnsPaddingAndLateDataAtOnce() {
    try (RawPeer peer = RawPeer.client(limits(70_000, 70_000))) {
      peer.get(1, false);
      byte[] padded = new byte[256];
      padded[0] = (byte) 255;
      for (int i = 0; i < 2; i++) {
        peer.frame(DATA, PADDED, 1, padded.clone());
        peer.frame(DATA, 0, 1, new byte[1]);
      }
      peer.act(() -> peer.log.streams.get(1).reset(H2Code.CANCEL));
      peer.forget();
      for (int i = 0; i < 3; i++) {
        peer.frame(DATA, 0, 1, new byte[12_000]);
      }
      assertEquals(List.of("WINDOW_UPDATE 36514 on 0"), show(peer));
    }
  }

  @Test
  void losesNoConnectionWindowHoweverStreamsEnd() {
    try (RawPeer peer = RawPeer.client(limits(65_535, 65_535))) {
      int sent = 0;
      for (int i = 0; i < 150; i++) {
        int id = 2 * i + 1;
        peer.get(id, false).frame(DATA, i % 3 == 0 ? END_STREAM : 0, id, new byte[5_000]);
        sent += 5_000;
        switch (i % 3) {
          case 0 -> peer.act(() -> send(peer, id, 1, true));
          case 1 -> peer.act(() -> peer.log.streams.get(id).reset(H2Code.CANCEL));
          default -> peer.frame(RST, 0, id, int32(H2Code.CANCEL));
        }
        // 150 answers of one byte fit our window; the peer need not return it.
        int returned =
            peer.frames.stream()
                .filter(frame -> frame.type() == WINDOW_UPDATE && frame.id() == 0)
                .mapToInt(frame -> frame.number(0))
                .sum();
        assertTrue(65_535 - sent + returned > 65_535 / 2 - 5_000, "window lost at " + i);
      }
      assertEquals(0, peer.connection.openStreams());
    }
  }

  @Test
  void takesNoMoreThanTheConnectionWindow() {
    try (RawPeer peer = RawPeer.client(limits(100_000, 65_535))) {
      peer.get(1, false).get(3, false);
      for (int i = 0; i < 3; i++) {
        peer.frame(DATA, 0, 1, new byte[15_000]);
      }
      peer.frame(DATA, 0, 3, new byte[15_000]).frame(DATA, 0, 3, new byte[6_000]);
      assertEquals("GOAWAY 3", peer.lastError());
      assertEquals(2, peer.log.lines.stream().filter(l -> l.startsWith("lost")).count());
    }
  }

  @Test
  void widensAStreamsWindowOnce() {
    try (RawPeer peer = RawPeer.client(limits(1_000, 65_535))) {
      peer.get(1, false);
      peer.forget();
      peer.act(() -> peer.log.streams.get(1).widenWindow(9_000));
      assertEquals(List.of("WINDOW_UPDATE 9000 on 1"), show(peer));
      peer.frame(DATA, 0, 1, new byte[10_000]);
      assertEquals(List.of(), peer.errors());
      peer.frame(DATA, 0, 1, new byte[1]);
      assertEquals("RST 3 on 1", peer.lastError());
    }
  }

  @Test
  void wideWindowsLeaveHalfOfTheConnectionToTheOthers() {
    try (RawPeer peer = RawPeer.client(limits(1_000, 65_536))) {
      peer.get(1, false).get(3, false);
      peer.forget();
      peer.act(() -> peer.log.streams.get(1).widenWindow(30_000));
      peer.act(() -> peer.log.streams.get(3).widenWindow(30_000));
      assertEquals(List.of("WINDOW_UPDATE 30000 on 1", "WINDOW_UPDATE 2768 on 3"), show(peer));
      peer.forget();
      peer.act(() -> peer.log.streams.get(1).reset(8));
      peer.act(() -> peer.log.streams.get(3).widenWindow(40_000));
      assertEquals(List.of("RST 8 on 1", "WINDOW_UPDATE 30000 on 3"), show(peer));
    }
  }

  @Test
  void believesInTheOldWindowUntilTheSettingsAreAcknowledged() {
    try (RawPeer peer = RawPeer.silentClient(limits(1_000, 65_535))) {
      peer.bytes(RawPeer.PREFACE).frame(SETTINGS, 0, 0).get(1, false);
      peer.frame(DATA, 0, 1, new byte[5_000]);
      assertEquals(List.of(), peer.errors());
      peer.frame(SETTINGS, ACK, 0).frame(DATA, 0, 1, new byte[1]);
      assertEquals("RST 3 on 1", peer.lastError());
    }
  }

  @Test
  void dropsQueuedDataOnReset() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.frame(SETTINGS, 0, 0, setting(4, 0)).get(1, true).get(3, true);
      peer.act(() -> send(peer, 1, 5_000, true));
      peer.act(() -> send(peer, 3, 5_000, true));
      peer.frame(RST, 0, 1, int32(H2Code.CANCEL));
      peer.forget();
      peer.frame(SETTINGS, 0, 0, setting(4, 60_000));
      assertEquals(List.of("SETTINGS ACK", "DATA 5000 end on 3"), show(peer));
    }
  }

  @Test
  void sendsTrailersBehindWaitingData() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.frame(SETTINGS, 0, 0, setting(4, 10)).get(1, true);
      peer.forget();
      peer.act(() -> {
        send(peer, 1, 20, false);
        Fields trailers = new Fields();
        trailers.add("grpc-status", "0");
        peer.log.streams.get(1).sendTrailers(trailers);
      });
      assertEquals(List.of("HEADERS flags 4 on 1", "DATA 10 on 1"), show(peer));
      peer.forget();
      peer.frame(WINDOW_UPDATE, 0, 1, int32(10));
      assertEquals(List.of("DATA 10 on 1", "HEADERS flags 5 on 1"), show(peer));
    }
  }

  @Test
  void splitsHeadsIntoContinuations() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.get(1, true);
      peer.forget();
      Fields fields = new Fields();
      fields.add("x-long", "v".repeat(40_000));
      peer.act(() -> peer.log.streams.get(1).sendHead(new ResponseHead(200, fields), true));
      assertEquals(
          List.of("HEADERS flags 1 on 1", "frame 9 flags 0 on 1", "frame 9 flags 4 on 1"),
          show(peer));
    }
  }

  @Test
  void drainsWithTwoGoAwaysAndFinishesWhatIsOpen() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.get(1, true);
      peer.forget();
      peer.act(peer.connection::drain);
      assertEquals(List.of("GOAWAY 0", "PING"), show(peer));
      assertEquals(Integer.MAX_VALUE, peer.frames.getFirst().number(0));
      byte[] opaque = peer.frames.getLast().payload();
      // One more that was under way.
      peer.get(3, true).frame(PING, ACK, 0, opaque);
      assertEquals(3, peer.frames.getLast().number(0));
      assertTrue(peer.log.lines.contains("request 3 end"));
      // Too late.
      peer.get(5, true);
      assertFalse(peer.log.lines.contains("request 5 end"));
      peer.act(() -> send(peer, 1, 5, true));
      assertFalse(peer.log.lines.contains("closed"));
      peer.act(() -> send(peer, 3, 5, true));
      assertEquals("closed", peer.log.lines.getLast());
      assertEquals(0, peer.log.lines.stream().filter(l -> l.startsWith("lost")).count());
    }
  }

  @Test
  void endsEachStreamOnceWhenTheConnectionIsLost() {
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      peer.frame(SETTINGS, 0, 0, setting(4, 0)).get(1, false).get(3, true);
      peer.act(() -> send(peer, 3, 100, true));
      peer.forget();
      peer.channel.close();
      assertEquals(
          List.of("closed", "lost 1", "lost 3"), peer.log.lines.stream().sorted().toList());
      H2Stream stream = peer.log.streams.get(1);
      stream.sendData(Unpooled.directBuffer().writeZero(5), true);
      stream.consumed(5);
      stream.reset(H2Code.CANCEL);
    }
  }

  @Test
  void opensStreamsUpToThePeersLimitAndReportsRefusedOnes() {
    try (RawPeer peer = RawPeer.server(H2Limits.link())) {
      peer.frame(SETTINGS, 0, 0, setting(3, 2));
      peer.forget();
      peer.act(() -> assertNotNull(open(peer, 1)));
      peer.act(() -> assertNotNull(open(peer, 3)));
      peer.act(() -> assertNull(open(peer, 5)));
      assertFalse(peer.connection.canOpen());
      peer.frame(GOAWAY, 0, 0, Unpooled.buffer(8).writeInt(1).writeInt(0).array());
      assertEquals(List.of("reset 3 7", "goaway 1 0"), peer.log.lines);
      peer.headers(1, true, ":status", "204");
      assertEquals(List.of("head 1 204 end", "closed"), peer.log.lines.subList(2, 4));
    }
  }

  @Test
  void judgesResponses() {
    try (RawPeer peer = RawPeer.server(H2Limits.link())) {
      String[][] bad = {
        {":status", "99"},
        {":status", "1000"},
        {":status", "2OO"},
        {":status", "101"},
        {"x", "y"},
        {":status", "200", ":path", "/"},
        {":status", "200", "connection", "close"}
      };
      int id = 1;
      for (String[] fields : bad) {
        int stream = id;
        peer.act(() -> open(peer, stream));
        peer.headers(stream, true, fields);
        assertEquals("RST 1 on " + stream, peer.lastError());
        assertEquals("reset " + stream + " 1", peer.log.lines.getLast());
        id += 2;
      }
      int stream = id;
      peer.act(() -> open(peer, stream));
      peer.headers(stream, false, ":status", "103", "link", "x");
      peer.headers(stream, false, ":status", "200", "content-length", "3");
      peer.frame(DATA, END_STREAM, stream, new byte[4]);
      assertEquals(
          List.of("head " + stream + " 103", "head " + stream + " 200", "reset " + stream + " 1"),
          peer.log.lines.subList(peer.log.lines.size() - 3, peer.log.lines.size()));
    }
  }

  @Test
  void measuresARoundTrip() {
    try (RawPeer peer = RawPeer.server(H2Limits.link())) {
      peer.act(peer.connection::ping);
      peer.act(peer.connection::ping);
      assertEquals(List.of("PING"), show(peer));
      peer.nanos += 700;
      peer.frame(PING, ACK, 0, peer.frames.getFirst().payload());
      assertEquals(List.of("pong 700"), peer.log.lines);
    }
  }

  private static H2Stream open(RawPeer peer, int id) {
    AsciiString text = AsciiString.of("GET");
    AsciiString host = AsciiString.of("a.test");
    RequestHead head =
        new RequestHead(
            text, AsciiString.of("https"), host, AsciiString.of("/"), null, new Fields());
    H2Stream stream = peer.connection.open(head, true, peer.log.user(id));
    peer.log.streams.put(id, stream);
    return stream;
  }

  private static void send(RawPeer peer, int id, int bytes, boolean end) {
    peer.log.streams.get(id).sendHead(new ResponseHead(200, new Fields()), false);
    data(peer, id, bytes, end);
  }

  private static void data(RawPeer peer, int id, int bytes, boolean end) {
    ByteBuf data = Unpooled.directBuffer(bytes).writeZero(bytes);
    peer.log.streams.get(id).sendData(data, end);
  }

  private static List<String> show(RawPeer peer) {
    return peer.frames.stream().map(RawPeer.Frame::toString).toList();
  }

  private static H2Limits limits(int streamBytes, int connectionBytes) {
    return new H2Limits(
        100,
        streamBytes,
        connectionBytes,
        16_384,
        32 << 10,
        16,
        200,
        1000,
        30_000_000_000L,
        false,
        false);
  }
}
