package anycast.load.table;

import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.lang.ref.Reference;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs [TableBenchmark] in JVMs of its own, measures the bytes of a host, and prints one table
/// with the limits that the product promises.
public final class TableBench {
  private static final Map<String, Integer> LIMIT_NANOS =
      Map.of("hostHot", 60, "hostCold", 300, "updateInstance", 20_000, "flightStamp", 60);
  private static final int LIMIT_BYTES = 150;

  private TableBench() {}

  /// @param args `quick` for one short iteration each: whether it runs at all, no figures to keep
  public static void main(String[] args) throws RunnerException {
    boolean quick = args.length > 0 && args[0].equals("quick");
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(TableBenchmark.class.getName())
                    .forks(1)
                    .warmupIterations(quick ? 1 : 3)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(quick ? 1 : 5)
                    .measurementTime(TimeValue.seconds(1))
                    .jvmArgs(
                        "-Xms1200m",
                        "-Xmx1200m",
                        "-XX:+UseParallelGC",
                        // what JMH uses, the JDK warns of
                        "--sun-misc-unsafe-memory-access=allow")
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    print("%-16s %10s %10s %10s %10s%n", "case", "ns p50", "p10", "p90", "limit");
    Map<String, RunResult> byName = new TreeMap<>();
    results.forEach(run -> byName.put(run.getPrimaryResult().getLabel(), run));
    byName.forEach(TableBench::print);
    print("%-16s %10d %10s %10s %10d%n", "bytes a host", bytesOfHost(), "", "", LIMIT_BYTES);
  }

  private static void print(String name, RunResult run) {
    var samples = run.getPrimaryResult().getStatistics();
    Integer limit = LIMIT_NANOS.get(name);
    print(
        "%-16s %10.1f %10.1f %10.1f %10s%n",
        name,
        samples.getPercentile(50),
        samples.getPercentile(10),
        samples.getPercentile(90),
        limit == null ? "" : limit.toString());
  }

  /// Heap that a million hosts add to a fleet: name, entry and its share of the map. The snapshot
  /// keeps none of the objects that the hosts came in as.
  private static long bytesOfHost() {
    SnapshotBuilder builder = World.builder();
    RoutingSnapshot fleet = World.fleet(builder);
    long before = liveBytes();
    RoutingSnapshot full = World.withHosts(builder, fleet, TableBenchmark.HOSTS);
    long after = liveBytes();
    Reference.reachabilityFence(fleet);
    Reference.reachabilityFence(full);
    return (after - before) / TableBenchmark.HOSTS;
  }

  private static long liveBytes() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      runtime.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
