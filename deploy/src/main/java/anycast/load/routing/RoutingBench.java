package anycast.load.routing;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs [MatchBenchmark] and [LabelBenchmark] in JVMs of their own and prints one table with the
/// limits that the product promises.
public final class RoutingBench {
  /// A match among 10,000 rules on a host.
  private static final double MATCH_LIMIT_NANOS = 2_000;

  private static final double LABEL_LIMIT_MICROS = 5_000;

  private final boolean quick;
  private boolean missed;

  private RoutingBench(boolean quick) {
    this.quick = quick;
  }

  /// @param args `quick` for one short iteration each: whether it runs at all, no figures to keep;
  ///   `match` or `labels` for one of the two
  public static void main(String[] args) throws RunnerException {
    List<String> wanted = Arrays.asList(args);
    RoutingBench bench = new RoutingBench(wanted.contains("quick"));
    print("| what | rules | p50 | p90 | p99 | limit of p50 | |%n|---|--:|--:|--:|--:|--:|---|%n");
    if (!wanted.contains("labels")) {
      bench.match();
    }
    if (!wanted.contains("match")) {
      bench.labels();
    }
    System.exit(bench.missed ? 1 : 0);
  }

  private void match() throws RunnerException {
    for (RunResult run : run(MatchBenchmark.class, "-Xms256m", "-Xmx256m")) {
      int rules = Integer.parseInt(run.getParams().getParam("rules"));
      boolean judged = name(run).equals("index");
      String what = name(run) + " " + run.getParams().getParam("shape");
      line(what.toLowerCase(Locale.ROOT), rules, run, "ns", judged ? MATCH_LIMIT_NANOS : 0);
    }
  }

  private void labels() throws RunnerException {
    for (RunResult run : run(LabelBenchmark.class, "-Xms1200m", "-Xmx1200m")) {
      line("label " + name(run), 0, run, "µs", LABEL_LIMIT_MICROS);
    }
  }

  private List<RunResult> run(Class<?> benchmarks, String... heap) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(benchmarks.getName())
            .forks(1)
            .warmupIterations(quick ? 1 : 3)
            .warmupTime(TimeValue.milliseconds(quick ? 100 : 1_000))
            .measurementIterations(quick ? 1 : 5)
            .measurementTime(TimeValue.milliseconds(quick ? 100 : 1_000))
            .jvmArgsPrepend(heap)
            // the second: what JMH uses, the JDK warns of
            .jvmArgs("-XX:+UseParallelGC", "--sun-misc-unsafe-memory-access=allow")
            .verbosity(VerboseMode.SILENT);
    Collection<RunResult> results = new Runner(options.build()).run();
    return results.stream()
        .sorted(
            Comparator.comparing(RoutingBench::name)
                .thenComparing(run -> String.valueOf(run.getParams().getParam("shape")))
                .thenComparing(run -> String.valueOf(run.getParams().getParam("rules"))))
        .toList();
  }

  private static String name(RunResult run) {
    return run.getPrimaryResult().getLabel();
  }

  /// @param limit 0 = for information
  private void line(String what, int rules, RunResult run, String unit, double limit) {
    var samples = run.getPrimaryResult().getStatistics();
    boolean broken = limit > 0 && !(samples.getPercentile(50) <= limit);
    missed |= broken;
    print(
        "| %s | %s | %,.0f %s | %,.0f %s | %,.0f %s | %s | %s |%n",
        what,
        rules == 0 ? "" : "%,d".formatted(rules),
        samples.getPercentile(50),
        unit,
        samples.getPercentile(90),
        unit,
        samples.getPercentile(99),
        unit,
        limit == 0 ? "" : "%,.0f %s".formatted(limit, unit),
        limit == 0 ? "" : broken ? "MISSED" : "ok");
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
