package anycast.backhaul.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.head.Fields;
import anycast.routing.model.InstanceId;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackhaulHeadTest {
  private static final String FROM = "203.0.113.7 443 tls 2 3 1250";

  private static final String TO = "hello-1 8080 500 0";

  private static Fields fields(String to, String id, String from) {
    Fields fields = new Fields();
    fields.add("accept", "*/*");
    fields.add("x-anycast-to", to);
    fields.add("x-anycast-id", id);
    fields.add("x-anycast-from", from);
    return fields;
  }

  @Property(tries = 300)
  void whatOneEncodesTheOtherDecodes(
      @ForAll @Size(16) byte[] address,
      @ForAll boolean v4,
      @ForAll @IntRange(min = 1, max = 65_535) int port,
      @ForAll boolean tls,
      @ForAll @IntRange(max = 3) int version,
      @ForAll @IntRange(max = 65_535) int service,
      @ForAll @IntRange(max = 600_000) int queueMillis,
      @ForAll @IntRange(max = 600_000) int connectMillis,
      @ForAll @LongRange(min = 0, max = 80_000_000_000L) long ageMicros)
      throws Exception {
    byte[] bytes = v4 ? Arrays.copyOf(address, 4) : address;
    InetAddress client = InetAddress.getByAddress(bytes);
    String[] versions = {"1.0", "1.1", "2", "3"};
    Arrival arrival = new Arrival("01ABC-fra", client, port, tls, versions[version], 5_000);
    BackhaulHead.Ask ask =
        new BackhaulHead.Ask(
            service,
            TimeUnit.MILLISECONDS.toNanos(queueMillis),
            TimeUnit.MILLISECONDS.toNanos(connectMillis));
    BackhaulHead head = new BackhaulHead(new InstanceId("hello-1"), ask, arrival, 3);
    Fields fields = new Fields();

    head.encode(fields, 5_000 + TimeUnit.MICROSECONDS.toNanos(ageMicros));
    BackhaulHead back = BackhaulHead.decode(fields, 77_000);

    assertEquals(head.instance(), back.instance());
    assertEquals(ask, back.ask());
    assertEquals(3, back.hopBudget());
    assertEquals(client, back.arrival().client());
    assertEquals(port, back.arrival().port());
    assertEquals(tls, back.arrival().tls());
    assertEquals(versions[version], back.arrival().httpVersion());
    assertEquals(77_000 - TimeUnit.MICROSECONDS.toNanos(ageMicros), back.arrival().startNanos());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      textBlock =
          """
          '',        x,  203.0.113.7 443 tls 2 3 1
          'a b 0 0',     x,  203.0.113.7 443 tls 2 3 1
          'a/../b 0 0 0',  x,  203.0.113.7 443 tls 2 3 1
          a 0 0 0,         '', 203.0.113.7 443 tls 2 3 1
          a 0 0 0,         'x y', 203.0.113.7 443 tls 2 3 1
          a 0 0 0,         x,  ''
          a 0 0 0,         x,  203.0.113.7 443 tls 2 3
          a 0 0 0,         x,  203.0.113.7 443 tls 2 3 1 1
          a 0 0 0,         x,  localhost 443 tls 2 3 1
          a 0 0 0,         x,  203.0.113.7 65536 tls 2 3 1
          a 0 0 0,         x,  203.0.113.7 -1 tls 2 3 1
          a 0 0 0,         x,  203.0.113.7 443 udp 2 3 1
          a 0 0 0,         x,  203.0.113.7 443 tls 9 3 1
          a 0 0 0,         x,  203.0.113.7 443 tls 2 16 1
          a 0 0 0,         x,  203.0.113.7 443 tls 2 3 99999999999999999999
          a 0 0 0,         x,  203.0.113.7 443 tls 2 3 86400000001
          a 0 0 0,         x,  203.0.113.7 443 tls 2 +3 1
          a,         x,  203.0.113.7 443 tls 2 3 1
          a 80 0,    x,  203.0.113.7 443 tls 2 3 1
          a 80 0 0 0, x, 203.0.113.7 443 tls 2 3 1
          'a 80 0 0 ', x, 203.0.113.7 443 tls 2 3 1
          a 65536 0 0, x, 203.0.113.7 443 tls 2 3 1
          a -1 0 0,  x,  203.0.113.7 443 tls 2 3 1
          a 80 +1 0, x,  203.0.113.7 443 tls 2 3 1
          a 80 600001 0, x, 203.0.113.7 443 tls 2 3 1
          a 80 0 600001, x, 203.0.113.7 443 tls 2 3 1
          a 80  0,   x,  203.0.113.7 443 tls 2 3 1
          """)
  void refusesWhatNoEdgeWrites(String to, String id, String from) {
    assertThrows(BackhaulHead.Malformed.class, () -> BackhaulHead.decode(fields(to, id, from), 0));
  }

  @Test
  void aWaitShorterThanAMillisecondIsNotNone() throws Exception {
    Arrival arrival = new Arrival("01ABC-fra", InetAddress.getLoopbackAddress(), 443, true, "2", 0);
    BackhaulHead.Ask ask = new BackhaulHead.Ask(8080, 1, Long.MAX_VALUE);
    Fields fields = new Fields();

    new BackhaulHead(new InstanceId("hello-1"), ask, arrival, 3).encode(fields, 0);

    BackhaulHead.Ask told = BackhaulHead.decode(fields, 0).ask();
    assertEquals(TimeUnit.MILLISECONDS.toNanos(1), told.queueNanos());
    assertEquals(BackhaulHead.MAX_WAIT_NANOS, told.connectNanos());
  }

  @Test
  void refusesMissingAndDoubleFields() {
    Fields none = new Fields();
    assertThrows(BackhaulHead.Malformed.class, () -> BackhaulHead.decode(none, 0));
    Fields two = fields(TO, "x", FROM);
    two.add("x-anycast-to", TO);
    assertThrows(BackhaulHead.Malformed.class, () -> BackhaulHead.decode(two, 0));
  }

  @Test
  void faultOfAHeadShowsNothingThatThePeerSent() {
    BackhaulHead.Malformed told =
        assertThrows(
            BackhaulHead.Malformed.class,
            () -> BackhaulHead.decode(fields("a\r\nERROR 0 0 forged", "x", FROM), 0));
    assertFalse(told.getMessage().contains("forged"));
  }

  @Test
  void stripTakesAllInternalFieldsAndNoOther() {
    Fields fields = fields(TO, "x", FROM);
    fields.add("x-anycast", "mine");
    fields.add("x-anycast-anything", "forged");

    BackhaulHead.strip(fields);

    assertEquals(2, fields.size());
    assertTrue(fields.contains(AsciiString.of("accept")));
    assertTrue(fields.contains(AsciiString.of("x-anycast")));
  }

  @Property(tries = 500)
  void anyBytesAreDecodedOrRefused(@ForAll String to, @ForAll String id, @ForAll String from) {
    try {
      BackhaulHead.decode(fields(to, id, from), 0);
    } catch (BackhaulHead.Malformed e) {
      assertTrue(e.getMessage().startsWith("malformed"));
    }
  }
}
