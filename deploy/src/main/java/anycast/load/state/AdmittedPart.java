package anycast.load.state;

import anycast.routing.admission.Admission;
import anycast.routing.admission.AdmissionLimits;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Ledger;
import anycast.routing.admission.MemoryDisk;
import anycast.routing.admission.Surroundings;
import anycast.routing.feed.Arrival;
import anycast.routing.feed.Cells;
import anycast.routing.feed.FeedCore;
import anycast.routing.feed.FeedId;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.Moment;
import anycast.routing.feed.Publication;
import anycast.routing.feed.Requests;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.model.Entity;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What admission costs changes that it has nothing against: `INSTANCES SECONDS ROUNDS`.
///
/// Instances that change their generation alone are told in batches, one after the other and
/// without a pause, to a feed that puts everything in force as it comes and to one with admission:
/// rows a second of each, median of rounds that take turns.
public final class AdmittedPart {
  /// Changes that are told together.
  static final List<Integer> BATCHES = List.of(1, 16, 256);

  private static final int WARM_UP_ROUNDS = 1;

  private final StateWorld world;
  private final Ticker ticker = Ticker.system();
  private final InstantSource clock = InstantSource.system();

  private AdmittedPart(StateWorld world) {
    this.world = world;
  }

  public static void main(String[] args) {
    AdmittedPart part = new AdmittedPart(new StateWorld(Integer.parseInt(args[0])));
    part.measure(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    Told.tell(Told.DONE, 1);
  }

  private void measure(int seconds, int rounds) {
    SnapshotBuilder builder = new SnapshotBuilder(StateWorld.SELF);
    Fed direct = new Fed(direct(new RoutingTable(builder.empty()), builder));
    try (Admission admission = admission(new RoutingTable(builder.empty()), builder)) {
      Fed admitted = new Fed(admission);
      for (int batch : BATCHES) {
        double[] without = new double[rounds];
        double[] with = new double[rounds];
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
          double one = direct.rowsPerSecond(batch, seconds);
          double other = admitted.rowsPerSecond(batch, seconds);
          if (round >= 0) {
            without[round] = one;
            with[round] = other;
          }
        }
        Told.tell("direct_per_s_" + batch, middle(without));
        Told.tell("admitted_per_s_" + batch, middle(with));
      }
    }
  }

  private static double middle(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static Publication direct(RoutingTable table, SnapshotBuilder builder) {
    return delta -> {
      RoutingSnapshot next = builder.apply(table.current(), delta);
      table.publish(next);
      builder.onPublished(delta, next);
      return Publication.Published.whole(next.version());
    };
  }

  private Admission admission(RoutingTable table, SnapshotBuilder builder) {
    AdmissionLimits limits = AdmissionLimits.STANDARD;
    return new Admission(
        new Admission.World(table, builder, (_, _) -> {}, ticker, clock),
        Ledger.open(new MemoryDisk(), LastEnd.NONE, limits, StateWorld.SELF.node(), now()),
        limits,
        Surroundings.NONE,
        () -> {});
  }

  private Moment now() {
    return new Moment(ticker.nanos(), clock.millis());
  }

  /// One feed's core, driven by this thread as a follower's would.
  private final class Fed {
    private static final String SOURCE = "bench";

    private final FeedCore core;
    private long position;

    Fed(Publication publication) {
      List<FeedId> feeds =
          Stream.of(Table.values()).map(table -> new FeedId(SOURCE, table)).toList();
      core =
          new FeedCore(
              feeds,
              FeedLimits.STANDARD,
              publication,
              new Silent(),
              new SplittableRandom(1),
              now());
      Map<Table, List<Arrival>> rows = new EnumMap<>(Table.class);
      for (FeedId feed : feeds) {
        rows.put(feed.table(), new ArrayList<>());
        rows.get(feed.table()).add(new Arrival(feed, new SourceEvent.SnapshotBegun(feed.table())));
      }
      world.each(entity -> {
        Table table = RowCodec.table(entity.key());
        List<Arrival> told = rows.get(table);
        told.add(
            new Arrival(
                new FeedId(SOURCE, table), new SourceEvent.Row(table, told.size(), cells(entity))));
      });
      for (FeedId feed : feeds) {
        rows.get(feed.table())
            .add(
                new Arrival(
                    feed,
                    new SourceEvent.SnapshotEnded(feed.table(), new Watermark(SOURCE, "1", 0))));
        core.onEvents(rows.get(feed.table()), now());
      }
      core.onTick(now());
    }

    double rowsPerSecond(int batch, int seconds) {
      long begun = ticker.nanos();
      long first = position;
      long tickNanos = begun;
      while (ticker.nanos() - begun < TimeUnit.SECONDS.toNanos(seconds)) {
        List<Arrival> arrivals = new ArrayList<>(batch);
        for (int i = 0; i < batch; i++) {
          arrivals.add(change());
        }
        Moment now = now();
        core.onEvents(arrivals, now);
        if (now.nanos() - tickNanos > TimeUnit.MILLISECONDS.toNanos(250)) {
          tickNanos = now.nanos();
          core.onTick(now);
        }
      }
      return (position - first) * 1e9 / (ticker.nanos() - begun);
    }

    private Arrival change() {
      position++;
      int row = (int) (position * 2_654_435_761L % world.instances());
      // Another generation alone: the address would be another way, which has to prove itself.
      Entity now = world.instance(row, position + 1);
      return new Arrival(
          new FeedId(SOURCE, Table.INSTANCES),
          new SourceEvent.Changed(
              Table.INSTANCES, SourceEvent.Kind.UPDATE, row + 1L, cells(now), position));
    }

    private static Cells cells(Entity entity) {
      return new Cells.Values(RowCodec.encode(entity, 1));
    }
  }

  /// Nothing is ever missing here.
  private static final class Silent implements Requests {
    @Override
    public void resnapshot(FeedId feed) {
      throw new IllegalStateException("a snapshot is wanted anew: " + feed);
    }

    @Override
    public void reopen(String source) {
      // there is no socket
    }

    @Override
    public void audit() {
      // no time for it
    }
  }
}
