package anycast.backhaul.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Whatever frames come and whatever the streams' users do, each stream ends once and nothing else
/// breaks. The leak detector watches the buffers.
class FuzzTest {
  private static final int STEPS = 120;

  @Property(tries = 300)
  void endsEachStreamOnceUnderAnyFrames(@ForAll long seed) {
    Random random = new Random(seed);
    EventLog log;
    try (RawPeer peer = RawPeer.client(H2Limits.publicSide())) {
      log = peer.log;
      for (int i = 0; i < STEPS && peer.channel.isOpen(); i++) {
        step(peer, random);
      }
    }
    assertEquals("closed", log.lines.getLast());
    for (int id : log.requests.keySet()) {
      List<String> own =
          log.lines.stream()
              .filter(l -> l.split(" ").length > 1 && l.split(" ")[1].equals("" + id))
              .toList();
      long bad = own.stream().filter(l -> l.startsWith("lost") || l.startsWith("reset")).count();
      assertTrue(bad <= 1, own.toString());
      int end = own.indexOf("lost " + id);
      assertTrue(end < 0 || end == own.size() - 1, own.toString());
      long remote = own.stream().filter(l -> l.endsWith("end") || l.startsWith("trailers")).count();
      assertTrue(remote <= 1, own.toString());
    }
  }

  private static void step(RawPeer peer, Random random) {
    int id = 2 * random.nextInt(6) + 1;
    switch (random.nextInt(14)) {
      case 0, 1, 2 ->
          peer.get(2 * (peer.log.requests.size() + random.nextInt(2)) + 1, random.nextBoolean());
      case 3 -> peer.headers(id, random.nextInt(4) > 0, "x", "y");
      case 4, 5 ->
          peer.frame(0, random.nextInt(5) == 0 ? 1 : 0, id, new byte[random.nextInt(9000)]);
      case 6 -> peer.frame(3, 0, id, RawPeer.int32(random.nextInt(12)));
      case 7 -> peer.frame(8, 0, random.nextInt(3) * id, RawPeer.int32(random.nextInt(70_000)));
      case 8 -> peer.frame(4, 0, 0, RawPeer.setting(4, random.nextInt(100_000)));
      case 9 -> odd(peer, random);
      default -> use(peer, random, id);
    }
  }

  // Any type, any flags, any payload; seldom, as most of these end the connection.
  private static void odd(RawPeer peer, Random random) {
    if (random.nextInt(6) == 0) {
      byte[] payload = new byte[random.nextInt(40)];
      random.nextBytes(payload);
      peer.frame(random.nextInt(12), random.nextInt(256), random.nextInt(12), payload);
    }
  }

  private static void use(RawPeer peer, Random random, int id) {
    H2Stream stream = peer.log.streams.get(id);
    if (stream == null) {
      return;
    }
    peer.act(() -> {
      switch (random.nextInt(9)) {
        case 0, 1 -> stream.sendHead(new ResponseHead(200, new Fields()), random.nextInt(4) == 0);
        case 2, 3, 4 ->
            stream.sendData(
                Unpooled.directBuffer().writeZero(random.nextInt(50_000)), random.nextInt(4) == 0);
        case 5 -> stream.sendTrailers(new Fields());
        case 6 -> stream.consumed(random.nextInt(20_000));
        case 7 -> stream.widenWindow(random.nextInt(1000));
        default -> {
          if (random.nextInt(3) == 0) {
            stream.reset(H2Code.CANCEL);
          }
        }
      }
    });
  }
}
