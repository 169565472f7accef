package anycast.load.balance;

import anycast.load.balance.Play.Outcome;
import anycast.load.balance.Play.Size;
import anycast.load.balance.Play.WayMaker;
import anycast.routing.model.ServicePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Plays all scenarios with all ways of choosing, on several seeds, and prints a Markdown table and
/// a chart. Virtual time: the same seeds give the same figures on any machine.
public final class BalanceBench {
  private static final long SLOW_START_NANOS = 4_000_000_000L;

  /// What a service has that says nothing, but for slow start.
  static final ServicePolicy POLICY =
      new ServicePolicy(
          ServicePolicy.USUAL.concurrency(),
          ServicePolicy.USUAL.spill(),
          new ServicePolicy.Balance(
              SLOW_START_NANOS, 0, ServicePolicy.Affinity.NONE, ServicePolicy.Outlier.USUAL),
          ServicePolicy.USUAL.queue(),
          ServicePolicy.USUAL.retry(),
          ServicePolicy.USUAL.hedge(),
          ServicePolicy.USUAL.timeouts(),
          List.of());

  static final Map<String, WayMaker> WAYS = ways();

  private BalanceBench() {}

  private static Map<String, WayMaker> ways() {
    Map<String, WayMaker> ways = new LinkedHashMap<>();
    ways.put(
        "this picker",
        (globe, size) ->
            new PickerWay(globe, size.edges(), size.instances(), size.nodes(), POLICY));
    ways.put(
        "three buckets",
        (globe, size) -> new ThreeBuckets(globe, size.edges(), size.instances(), size.nodes()));
    ways.put("least requests", (_, size) -> plain(PlainWay.Kind.LEAST_REQUESTS, size));
    ways.put("round robin", (_, size) -> plain(PlainWay.Kind.ROUND_ROBIN, size));
    ways.put("random", (_, size) -> plain(PlainWay.Kind.RANDOM, size));
    return ways;
  }

  private static Way plain(PlainWay.Kind kind, Size size) {
    return new PlainWay(kind, size.edges(), size.instances());
  }

  /// @param args `quick` for a small fleet and one seed; or `seeds=N`, `only=SCENARIO`, `way=WAY`
  public static void main(String[] args) throws InterruptedException, ExecutionException {
    int seeds = 3;
    String only = "";
    String onlyWay = "";
    Size size = new Size(200, 1_000, 20);
    for (String arg : args) {
      String value = arg.substring(arg.indexOf('=') + 1);
      switch (arg.substring(0, arg.length() - value.length())) {
        case "seeds=" -> seeds = Integer.parseInt(value);
        case "only=" -> only = value;
        case "way=" -> onlyWay = value;
        default -> {
          seeds = 1;
          size = new Size(40, 200, 12);
        }
      }
    }
    BalanceReport.print(
        "%d edges, %d instances in %d regions, %d s of virtual time, %d seeds%n",
        size.edges(), size.instances(), Globe.REGIONS, size.seconds(), seeds);
    try (ExecutorService pool =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Played> all = new ArrayList<>();
      for (Scenario scenario : Scenario.ALL) {
        if (only.isEmpty() || scenario.name().equals(only)) {
          all.add(played(pool, scenario, onlyWay, size, seeds));
        }
      }
      for (Played played : all) {
        BalanceReport.print(played.scenario, played.outcomes());
      }
    }
  }

  private static Played played(
      ExecutorService pool, Scenario scenario, String only, Size size, int seeds) {
    Map<String, List<Future<Outcome>>> runs = new LinkedHashMap<>();
    for (Map.Entry<String, WayMaker> way : WAYS.entrySet()) {
      if (!way.getKey().contains(only)) {
        continue;
      }
      List<Future<Outcome>> bySeed = new ArrayList<>();
      for (long seed = 1; seed <= seeds; seed++) {
        long number = seed;
        bySeed.add(pool.submit(() -> new Play(size, scenario, way.getValue(), number).run()));
      }
      runs.put(way.getKey(), bySeed);
    }
    return new Played(scenario, runs);
  }

  /// A scenario's runs, by way and by seed.
  private record Played(Scenario scenario, Map<String, List<Future<Outcome>>> runs) {
    Map<String, List<Outcome>> outcomes() throws InterruptedException, ExecutionException {
      Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
      for (Map.Entry<String, List<Future<Outcome>>> way : runs.entrySet()) {
        List<Outcome> list = new ArrayList<>();
        for (Future<Outcome> future : way.getValue()) {
          list.add(future.get());
        }
        outcomes.put(way.getKey(), list);
      }
      return outcomes;
    }
  }
}
