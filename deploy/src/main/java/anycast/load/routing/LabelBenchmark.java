package anycast.load.routing;

import anycast.load.table.World;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// From an instance's changed label to the snapshot in which requests see it, among 100,000
/// instances under selectors. [RoutingBench] runs these.
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LabelBenchmark {
  private RoutingTable table;
  private SnapshotBuilder builder;
  private final int[] turns = new int[World.INSTANCES];
  private int next;
  private long generation = 1;

  @Setup
  public void build() {
    builder = World.builder();
    table = new RoutingTable(LabelledWorld.snapshot(builder));
  }

  /// It goes from one target of its app's rule to the other: a group of five each.
  @Benchmark
  public RoutingSnapshot tier() {
    int i = instance();
    boolean gold = LabelledWorld.isGold(i) == (turns[i]++ % 2 == 0);
    return change(i, "tier", gold ? "silver" : "gold");
  }

  /// It goes from one group of 1,000 to another.
  @Benchmark
  public RoutingSnapshot zone() {
    int i = instance();
    return change(i, "zone", "zone-" + (i + ++turns[i] * 7) % LabelledWorld.ZONES);
  }

  /// It goes from one group of 50,000 to another.
  @Benchmark
  public RoutingSnapshot half() {
    int i = instance();
    return change(i, "half", "half-" + (i + ++turns[i]) % 2);
  }

  /// A label of which no selector speaks.
  @Benchmark
  public RoutingSnapshot unasked() {
    return change(instance(), "build", "build-" + generation);
  }

  private int instance() {
    return (int) ((next++ * 2_654_435_761L >>> 3) % World.INSTANCES);
  }

  private RoutingSnapshot change(int i, String label, String value) {
    Change put = new Change.Put(LabelledWorld.instance(i, label, value, ++generation));
    RoutingSnapshot snapshot = builder.apply(table.current(), new Delta(List.of(put)));
    table.publish(snapshot);
    return snapshot;
  }
}
