package anycast.load.state;

import anycast.backhaul.runtime.FollowedState;
import anycast.backhaul.runtime.StateConfig;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// From the start of a JVM until the table answers: `URL INSTANCES DIRECTORY`. The proxies' own
/// assembly, without a data path.
///
/// With an empty directory it loads from the source, and saves when it ends; the next time it
/// begins with what is there.
public final class ServingPart {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final int ASKED_HOSTS = 10_000;

  private ServingPart() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    StateWorld world = new StateWorld(Integer.parseInt(args[1]));
    StateConfig config =
        new StateConfig(
            new StateConfig.Sources.Agents(
                CorrosionConfig.of(List.of(URI.create(args[0])), Optional.empty())),
            FeedLimits.STANDARD,
            Optional.of(new StateConfig.LastGoodPlace(Path.of(args[2]), Duration.ofHours(1))));
    Told.tell("jvm_s", Told.uptimeSeconds());
    try (FollowedState state =
        FollowedState.open(config, StateWorld.SELF, Ticker.system(), InstantSource.system())) {
      state.start();
      if (!state.awaitServable(LIMIT)) {
        throw new IllegalStateException("nothing to serve after " + LIMIT);
      }
      Told.tell("serving_s", Told.uptimeSeconds());
      Told.tell("cpu_s", Told.cpuSeconds());
      Told.tell("peak_heap_mib", Told.peakHeapMiB());
      Told.tell("peak_resident_mib", Told.peakResidentMiB());
      int unanswered = 0;
      for (byte[] host : world.hosts(ASKED_HOSTS)) {
        unanswered += StateWorld.answers(state.table().current(), host, host.length) ? 0 : 1;
      }
      Told.tell("unanswered", unanswered);
      Told.tell("instances", state.table().current().counts().instances());
      Told.tell("live_heap_mib", Told.liveHeapMiB());
      Told.tell("closing_s", Told.uptimeSeconds());
    }
    Told.tell("closed_s", Told.uptimeSeconds());
    Told.tell(Told.DONE, 1);
  }
}
