package anycast.load.state;

import anycast.routing.feed.FeedFollower;
import anycast.routing.model.InstanceId;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// Readers' lookups without and with changes: `INSTANCES RATE SECONDS ROUNDS`.
///
/// A reader asks in bursts, as an event loop does, and takes the time of each lookup (host,
/// service, three candidates). Quiet and busy rounds follow each other; medians of the rounds
/// count, so that what else the machine does falls on both.
public final class ChangesPart {
  private static final Duration LOAD_LIMIT = Duration.ofMinutes(10);
  private static final long BURST_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final int BURST = 200;
  private static final int WARM_UP_ROUNDS = 2;

  private final StateWorld world;
  private final RoutingTable table;
  private final PacedSource source;
  private final byte[][] hosts;
  private long asked;

  private ChangesPart(StateWorld world, RoutingTable table, PacedSource source) {
    this.world = world;
    this.table = table;
    this.source = source;
    this.hosts = world.hosts(1 << 16);
  }

  public static void main(String[] args) throws InterruptedException {
    StateWorld world = new StateWorld(Integer.parseInt(args[0]));
    int rate = Integer.parseInt(args[1]);
    SnapshotBuilder builder = new SnapshotBuilder(StateWorld.SELF);
    RoutingTable table = new RoutingTable(builder.empty());
    PacedSource source = new PacedSource(world);
    try (FeedFollower feed = new FeedFollower(table, builder, source, Ticker.system())) {
      feed.start();
      if (!feed.awaitLoaded(LOAD_LIMIT)) {
        throw new IllegalStateException("not loaded");
      }
      new ChangesPart(world, table, source)
          .measure(rate, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    }
  }

  private void measure(int rate, int seconds, int rounds) {
    List<Histogram> quiet = new ArrayList<>();
    List<Histogram> busy = new ArrayList<>();
    List<Double> applied = new ArrayList<>();
    List<Double> behind = new ArrayList<>();
    for (int round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
      source.rate(0);
      Histogram without = lookups(seconds);
      source.rate(rate);
      long before = source.told();
      long begun = System.nanoTime();
      Histogram with = lookups(seconds);
      double took = (System.nanoTime() - begun) / 1e9;
      source.rate(0);
      long last = source.told();
      double lag = awaitVisible(last);
      if (round >= WARM_UP_ROUNDS) {
        quiet.add(without);
        busy.add(with);
        applied.add((last - before) / took);
        behind.add(lag);
      }
    }
    for (double percentile : new double[] {50, 99, 99.9, 99.99}) {
      Told.tell("quiet_p" + percentile, median(quiet, percentile));
      Told.tell("busy_p" + percentile, median(busy, percentile));
    }
    Told.tell("applied_per_s", middle(applied));
    Told.tell("behind_s", middle(behind));
    Told.tell(Told.DONE, 1);
  }

  private Histogram lookups(int seconds) {
    Histogram nanos = new Histogram(3);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (long due = System.nanoTime(); due < end; due += BURST_EVERY_NANOS) {
      LockSupport.parkNanos(due - System.nanoTime());
      for (int i = 0; i < BURST; i++) {
        byte[] host = hosts[(int) (asked++ & hosts.length - 1)];
        long begun = System.nanoTime();
        boolean answered = StateWorld.answers(table.current(), host, asked);
        nanos.recordValue(System.nanoTime() - begun);
        if (!answered) {
          throw new IllegalStateException("nobody for " + new String(host));
        }
      }
    }
    return nanos;
  }

  /// How long the last change takes until readers see it.
  private double awaitVisible(long number) {
    long begun = System.nanoTime();
    InstanceId id = world.instance(source.changed(number), 1).id();
    while (number > 0 && table.current().instance(id).instance().generation() < number + 1) {
      if (System.nanoTime() - begun > TimeUnit.MINUTES.toNanos(2)) {
        throw new IllegalStateException("change " + number + " was never seen");
      }
      LockSupport.parkNanos(100_000);
    }
    return (System.nanoTime() - begun) / 1e9;
  }

  private static double median(List<Histogram> rounds, double percentile) {
    return middle(rounds.stream().map(h -> (double) h.getValueAtPercentile(percentile)).toList());
  }

  private static double middle(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
