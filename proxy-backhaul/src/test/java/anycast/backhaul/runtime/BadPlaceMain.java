package anycast.backhaul.runtime;

import anycast.backhaul.watchdog.Flight;
import anycast.routing.admission.AdmissionLimits;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.model.AppId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.time.Ticker;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A process whose journal and flight recorder are to be in a place that may be of no use: `JOURNAL
/// LAST_GOOD`. Says on one line whether it serves what is in last-good, and what its status says of
/// the journal.
final class BadPlaceMain {
  private BadPlaceMain() {}

  public static void main(String[] args) throws Exception {
    StateConfig config =
        new StateConfig(
            // Nobody listens there.
            new StateConfig.Sources.Agents(
                CorrosionConfig.of(List.of(URI.create("http://127.0.0.1:1")), Optional.empty())),
            FeedLimits.STANDARD,
            Optional.of(new StateConfig.LastGoodPlace(Path.of(args[1]), Duration.ofMinutes(1))),
            new AdmissionConfig(Optional.of(Path.of(args[0])), AdmissionLimits.STANDARD));
    Optional<Path> watchdog = Optional.of(Path.of(args[0]).resolve("watchdog"));
    try (Flight flight =
            Flight.open(watchdog, "edge-1", 1, Ticker.system(), InstantSource.system());
        FollowedState state =
            FollowedState.open(
                config,
                new Locality(new NodeId("edge-1"), new RegionCode("fra")),
                Ticker.system(),
                InstantSource.system())) {
      flight.loop(0).rest();
      state.start();
      boolean serves = state.awaitServable(Duration.ofSeconds(30));
      boolean shop = state.table().current().app(new AppId("shop")) != null;
      QuarantineView says =
          (QuarantineView) state.pages().pages().get("/quarantine").answer(Map.of());
      System.out.println("serves " + (serves && shop) + ", journal " + says.journal());
    }
  }
}
