package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.LastGoodStatus;
import anycast.routing.feed.lastgood.LastGoodStore;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A process' view of the world while no source answers.
@Timeout(60)
class FollowedStateTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(100_000));
  private static final App SHOP = new App(new AppId("shop"), 1);

  @TempDir Path directory;

  /// Nobody listens there.
  private FollowedState open() throws IOException {
    return FollowedState.open(
        new StateConfig(
            new StateConfig.Sources.Agents(
                CorrosionConfig.of(List.of(URI.create("http://127.0.0.1:1")), Optional.empty())),
            FeedLimits.STANDARD,
            Optional.of(new StateConfig.LastGoodPlace(directory, Duration.ofMinutes(1)))),
        new Locality(new NodeId("edge-1"), new RegionCode("fra")),
        Ticker.system(),
        CLOCK);
  }

  private void save(long asOfMillis) throws IOException {
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      new LastGoodStore(disk).save(List.<Entity>of(SHOP)::forEach, 1, asOfMillis);
    }
  }

  private static StateView.OnDisk page(FollowedState state) throws Exception {
    return (StateView.OnDisk) state.pages().pages().get("/last-good").answer(Map.of());
  }

  @Test
  void servesWhatIsOnDiskBeforeAnySourceSpeaks() throws Exception {
    save(40_000);
    try (FollowedState state = open()) {
      assertTrue(state.beganWithLastGood());
      assertNotNull(state.table().current().app(SHOP.id()));
      state.start();
      assertTrue(state.awaitServable(Duration.ZERO));
      assertTrue(state.ageMillis() >= 60_000, () -> "age " + state.ageMillis());
      assertEquals(
          new LastGoodStatus.Begun("newest", 1, 40_000, 1, List.of()),
          page(state).status().begun());
    }
    // nothing was learned that could be saved
    try (DirectoryDisk disk = DirectoryDisk.open(directory)) {
      assertEquals(List.of("table-0000000000000000001.good"), disk.list());
    }
  }

  @Test
  void waitsForASourceWhereNothingIsOnDisk() throws Exception {
    try (FollowedState state = open()) {
      state.start();
      assertFalse(state.beganWithLastGood());
      assertFalse(state.awaitServable(Duration.ofMillis(1)));
      assertEquals("none", page(state).status().begun().which());
    }
  }

  @Test
  void refusesADirectoryOfAnotherProxy() throws Exception {
    try (FollowedState _ = open()) {
      String sentence = assertThrows(IOException.class, this::open).getMessage();
      assertTrue(sentence.contains("each proxy wants its own"), sentence);
    }
  }
}
