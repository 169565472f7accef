package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.admission.QuarantineDesk;
import anycast.routing.feed.FeedId;
import anycast.routing.feed.FeedStatus;
import anycast.routing.feed.Freshness;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusViewTest {
  @TempDir Path directory;

  @Test
  void statusHasTheKeysThatOperatorsKnow() throws Exception {
    Counters counters = new Counters(List.of());
    counters.shared().add(Counter.EXCHANGES_BEGUN, 5);
    counters.shared().add(Counter.EXCHANGES_ENDED, 3);
    counters.shared().add(Counter.EXCHANGES_FAILED, 1);
    Path socket = directory.resolve("s");
    try (AdminServer _ =
        AdminServer.start(socket, Map.of("/status", _ -> view(List.of("no state"), counters)))) {
      String answer = AdminClient.get(socket, "/status");

      for (String part :
          List.of(
              "\"process\":{\"role\":\"edge\",\"node\":\"e-1\",\"region\":\"fra\",\"pid\":",
              "\"uptime_s\":",
              "\"ready\":false,\"reasons\":[\"no state\"]",
              "\"listeners\":[{\"name\":\"https\",\"address\":\"127.0.0.1:1\",\"port\":443,"
                  + "\"tls\":true}]",
              "\"table\":{\"version\":",
              "\"source\":\"http://s\",\"table\":\"hostnames\",\"connected\":true,"
                  + "\"watermark\":7,\"rows\":4,\"skipped\":1,\"age_ms\":1500",
              "\"skipped\":[{\"table\":\"hostnames\",\"row\":\"h\",\"reason\":\"bad\"}]",
              "\"exchanges\":{\"in_flight\":2,\"total\":5,\"failed\":1}")) {
        assertTrue(answer.contains(part), part + "\nnot in\n" + answer);
      }
    }
  }

  @Test
  void processIsReadyWhereThereIsNoReasonAgainstIt() {
    Counters counters = new Counters(List.of());
    assertTrue(view(List.of(), counters).ready());
    assertFalse(view(List.of("draining"), counters).ready());
  }

  @Test
  void exchangesInFlightAreNeverNegative() {
    Counters counters = new Counters(List.of());
    counters.shared().add(Counter.EXCHANGES_ENDED);
    assertEquals(0, view(List.of(), counters).exchanges().inFlight());
  }

  private static StatusView view(List<String> reasons, Counters counters) {
    RegionCode fra = new RegionCode("fra");
    RoutingTable table =
        new RoutingTable(new SnapshotBuilder(new Locality(new NodeId("e-1"), fra)).empty());
    FeedId hostnames = new FeedId("state", Table.HOSTNAMES);
    FeedStatus feed =
        new FeedStatus(
            List.of(
                new FeedStatus.TableStatus(
                    hostnames,
                    true,
                    true,
                    new Watermark("http://s", "sub", 7),
                    4,
                    1,
                    0,
                    Optional.empty(),
                    1_500_000_000L,
                    1,
                    0,
                    0,
                    List.of(),
                    "")),
            List.of(new FeedStatus.SkippedRow(hostnames, "h", "bad", false)),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            0,
            0);
    return StatusView.of(
        StatusView.Process.self("edge", "e-1", "fra"),
        reasons,
        List.of(new StatusView.Listener("https", "127.0.0.1:1", 443, true)),
        new TableViews(table, Map::of),
        StateView.of(
            new StateView.Kept(
                7, QuarantineView.Line.of(QuarantineDesk.NONE, true), Optional.empty()),
            feed,
            new Freshness.Fresh(0),
            0),
        counters);
  }
}
