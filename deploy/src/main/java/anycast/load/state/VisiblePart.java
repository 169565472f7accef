package anycast.load.state;

import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.model.InstanceId;
import anycast.routing.pick.Candidate;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// From a change's commit until readers see it, and from its arrival at a bare socket, which is
/// when the store's own batching is over: `URL CHANGES`.
public final class VisiblePart {
  private static final Duration LOAD_LIMIT = Duration.ofMinutes(10);
  private static final long FIRST_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  /// No multiple of any batching, so that changes meet batches at any point.
  private static final long EVERY_NANOS = TimeUnit.MICROSECONDS.toNanos(31_700);

  private static final int WARM_UP = 100;
  private static final InstanceId MARKER = Marker.id(0);

  private final AtomicLongArray arrived;
  private final AtomicLongArray visible;
  private long newest;
  private long newestArrived;

  private VisiblePart(int changes) {
    arrived = new AtomicLongArray(changes + 1);
    visible = new AtomicLongArray(changes + 1);
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    URI store = URI.create(args[0]);
    int changes = Integer.parseInt(args[1]) + WARM_UP;
    new VisiblePart(changes).measure(store, changes);
  }

  private void measure(URI store, int changes) throws IOException, InterruptedException {
    SnapshotBuilder builder = new SnapshotBuilder(StateWorld.SELF);
    RoutingTable table = new RoutingTable(builder.empty());
    CorrosionConfig config = CorrosionConfig.of(List.of(store), Optional.empty());
    FeedFollower.Named source =
        new FeedFollower.Named(
            "state", new CorrosionSource(config, EnumSet.allOf(Table.class), Ticker.system()));
    FeedFollower.Outside outside =
        new FeedFollower.Outside(
            Ticker.system(),
            InstantSource.system(),
            new SplittableRandom(),
            StateWorld.SELF.node(),
            null,
            this::onPublished);
    try (StateClient client = new StateClient(config);
        FeedFollower feed =
            new FeedFollower(table, builder, List.of(source), FeedLimits.STANDARD, outside)) {
      feed.start();
      if (!feed.awaitLoaded(LOAD_LIMIT)) {
        throw new IllegalStateException("not loaded");
      }
      try (RawSubscriber _ = new RawSubscriber(store, Table.INSTANCES.select(), this::onArrived)) {
        report(write(client, changes), changes);
      }
    }
  }

  /// @return when each was acknowledged
  private long[] write(StateClient client, int changes) throws IOException, InterruptedException {
    long[] committed = new long[changes + 1];
    long due = System.nanoTime();
    for (int number = 1; number <= changes; number++) {
      Marker.write(client, 0, number);
      committed[number] = System.nanoTime();
      due += EVERY_NANOS;
      LockSupport.parkNanos(due - System.nanoTime());
    }
    long limit = System.nanoTime() + FIRST_LIMIT_NANOS;
    while (visible.get(changes) == 0 || arrived.get(changes) == 0) {
      if (System.nanoTime() > limit) {
        throw new IllegalStateException("the last change was never seen");
      }
      LockSupport.parkNanos(1_000_000);
    }
    return committed;
  }

  /// On the subscriber's thread. Of versions in one batch only the last is told.
  private void onArrived(long number) {
    long now = System.nanoTime();
    while (newestArrived < number) {
      arrived.set((int) ++newestArrived, now);
    }
  }

  /// On the follower's thread; a batch may hold several versions.
  private void onPublished(RoutingSnapshot snapshot, long atMillis) {
    long now = System.nanoTime();
    Candidate marker = snapshot.instance(MARKER);
    if (marker != null) {
      while (newest < marker.instance().generation()) {
        visible.set((int) ++newest, now);
      }
    }
  }

  private void report(long[] committed, int changes) {
    Histogram beyond = new Histogram(3);
    Histogram all = new Histogram(3);
    for (int number = WARM_UP + 1; number <= changes; number++) {
      beyond.recordValue(Math.max(0, visible.get(number) - arrived.get(number)));
      all.recordValue(Math.max(0, visible.get(number) - committed[number]));
    }
    for (double percentile : new double[] {50, 99}) {
      Told.tell("beyond_ms_p" + percentile, beyond.getValueAtPercentile(percentile) / 1e6);
      Told.tell("commit_ms_p" + percentile, all.getValueAtPercentile(percentile) / 1e6);
    }
    Told.tell(Told.DONE, 1);
  }
}
