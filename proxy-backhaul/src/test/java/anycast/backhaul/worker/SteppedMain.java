package anycast.backhaul.worker;

import anycast.backhaul.runtime.AdmissionConfig;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.FollowedState;
import anycast.backhaul.runtime.QuarantineView;
import anycast.backhaul.runtime.StateConfig;
import anycast.backhaul.runtime.Transport;
import anycast.backhaul.watchdog.Canary;
import anycast.backhaul.watchdog.Vitals;
import anycast.backhaul.watchdog.VitalsConfig;
import anycast.routing.admission.AdmissionLimits;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import io.netty.channel.EventLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// What watches over a proxy and what follows state, assembled as in one, on a wall clock that is
/// set by standard input, a line each:
///
/// - `step SECONDS`: sets it so much later, or earlier
/// - `status`: prints the version of `shop` that serves, how much waits or is unstable, and what is
///   in quarantine with the minutes that are left, separated by spaces
///
/// Arguments: a directory, the state's address, by how many seconds the clock is ahead.
final class SteppedMain {
  /// A machine with thirty times the load that it can carry compiles late.
  private static final Duration PATIENT = Duration.ofSeconds(2);

  private final AtomicLong aheadSeconds;
  private final InstantSource wall = InstantSource.system();

  private SteppedMain(long aheadSeconds) {
    this.aheadSeconds = new AtomicLong(aheadSeconds);
  }

  public static void main(String[] arguments) throws Exception {
    new SteppedMain(Long.parseLong(arguments[2]))
        .run(Path.of(arguments[0]), URI.create(arguments[1]));
  }

  private void run(Path directory, URI agent) throws Exception {
    InstantSource clock = () -> wall.instant().plusSeconds(aheadSeconds.get());
    EventLoops loops = EventLoops.start("loop", Transport.NIO, 2);
    Counters counters = new Counters(loops.loops());
    Vitals vitals = Vitals.open(watched(directory), "stepped", loops, counters, clock);
    FollowedState state =
        FollowedState.open(
            followed(directory, agent),
            new Locality(new NodeId("edge-1"), new RegionCode("fra")),
            loops.ticker(),
            clock,
            vitals.setting(true, List.of()));
    state.start();
    vitals.watch("feed-follower", state.follower().thread(), state.follower().progress());
    vitals.canary(List.of(way(loops.loops().getFirst())));
    vitals.ready();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith("step ")) {
        aheadSeconds.addAndGet(Long.parseLong(line.substring("step ".length())));
      } else {
        System.out.println(status(state));
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static VitalsConfig watched(Path directory) {
    VitalsConfig usual = VitalsConfig.STANDARD;
    return new VitalsConfig(
        Optional.of(directory.resolve("watchdog")),
        usual.action(),
        usual.sample(),
        usual.notReady(),
        usual.dump(),
        usual.endOne(),
        usual.endHalf(),
        usual.jitter());
  }

  private static StateConfig followed(Path directory, URI agent) {
    AdmissionLimits usual = AdmissionLimits.STANDARD;
    AdmissionLimits limits =
        new AdmissionLimits(
            PATIENT,
            Duration.ofSeconds(1),
            usual.quarantine(),
            usual.firstShare(),
            usual.firstSoak());
    return new StateConfig(
        new StateConfig.Sources.Agents(CorrosionConfig.of(List.of(agent), Optional.empty())),
        FeedLimits.STANDARD,
        Optional.of(
            new StateConfig.LastGoodPlace(directory.resolve("good"), Duration.ofSeconds(1))),
        new AdmissionConfig(Optional.of(directory.resolve("admission")), limits, true));
  }

  private static Canary.Way way(EventLoop loop) {
    return new Canary.Way() {
      @Override
      public String name() {
        return "loop";
      }

      @Override
      public void go(Duration limit) throws IOException, InterruptedException {
        try {
          loop.submit(() -> {}).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
          throw new IOException(e);
        }
      }
    };
  }

  private static String status(FollowedState state) throws Exception {
    Entity shop = state.table().current().find(new Entity.VirtualServiceKey("shop"));
    QuarantineView view =
        (QuarantineView) state.pages().pages().get("/quarantine").answer(Map.of());
    return (shop == null ? 0 : shop.generation())
        + " "
        + (view.heldCount() + view.unstable())
        + " "
        + view.entries().stream()
            .map(each -> each.key() + "=" + TimeUnit.MILLISECONDS.toMinutes(each.leftMs()))
            .collect(Collectors.joining(","));
  }
}
