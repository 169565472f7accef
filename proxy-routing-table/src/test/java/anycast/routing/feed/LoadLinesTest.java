package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Load;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadLinesTest {
  private static final NodeId NODE = new NodeId("wrk-1");
  private static final InstanceId ONE = new InstanceId("one");
  private static final long NOW = 1_000_000_000L;

  private final RoutingSnapshot table = table();

  private static RoutingSnapshot table() {
    RegionCode region = new RegionCode("fra");
    SnapshotBuilder builder = new SnapshotBuilder(new Locality(new NodeId("edge-1"), region));
    Instance one =
        new Instance(
            ONE,
            new AppId("app"),
            NODE,
            region,
            "127.0.0.1",
            1,
            Instance.State.STARTED,
            Map.of(),
            1);
    return builder.apply(builder.empty(), new Delta(List.of(new Change.Put(one))));
  }

  private int apply(NodeId from, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return LoadLines.apply(table, from, bytes, 0, bytes.length, NOW);
  }

  private Load load() {
    return table.instance(ONE).load();
  }

  @Property(tries = 200)
  void whatOneWritesTheOtherReads(
      @ForAll @IntRange(min = 0) int inFlight,
      @ForAll @IntRange(min = 0) int queued,
      @ForAll @LongRange(min = -1, max = 4_000_000_000_000L) long latencyNanos) {
    StringBuilder text = new StringBuilder();
    LoadLines.append(text, ONE, inFlight, queued, latencyNanos);

    assertEquals(text.length(), apply(NODE, text.toString()));
    assertTrue(text.length() < LoadLines.MAX_LINE);
  }

  @Test
  void wholeLinesAreReadAndTheRestIsLeft() {
    assertEquals(10, apply(NODE, "one 4 1 0\none 5 "));
    assertEquals(5, load().inFlight(NOW));
    assertEquals(0, apply(NODE, "one 4 1 0"));
  }

  @Test
  void aWorkerSpeaksForItsOwnOnly() {
    assertEquals(10, apply(new NodeId("wrk-2"), "one 9 9 9\n"));
    assertEquals(0, load().inFlight(NOW));
    assertEquals(14, apply(NODE, "unknown 9 9 9\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n",
        "one\n",
        "one 1 2\n",
        "one 1 2 3 4\n",
        "one 1 2 -3\n",
        "one 1  3\n",
        " 1 2 3\n",
        "one 1 2 99999999999\n",
        "one 1 2 9999999999\n",
        "one 1 2 3\r\n",
        "one a b c\n"
      })
  void whatNoWorkerWritesIsRefused(String text) {
    assertEquals(-1, apply(NODE, text));
    assertEquals(0, load().inFlight(NOW));
  }

  @Test
  void aLineWithoutEndIsRefused() {
    assertEquals(-1, apply(NODE, "a".repeat(LoadLines.MAX_LINE)));
    assertEquals(0, apply(NODE, "a".repeat(LoadLines.MAX_LINE - 1)));
  }

  @Property(tries = 500)
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    int read = LoadLines.apply(table, NODE, bytes, 0, bytes.length, NOW);
    assertTrue(read >= -1 && read <= bytes.length);
    assertFalse(load().inFlight() != 0);
  }
}
