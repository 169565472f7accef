package anycast.load.balance;

import anycast.load.balance.Play.Outcome;
import anycast.load.balance.Play.Size;
import anycast.load.balance.Play.WayMaker;
import anycast.routing.model.ServicePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/// Plays all scenarios with all ways of choosing, on several seeds, and prints a Markdown table and
/// a chart. Virtual time: the same seeds give the same figures on any machine.
public final class BalanceBench {
  private static final int CHART_WIDTH = 48;
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
    print(
        "%d edges, %d instances in %d regions, %d s of virtual time, %d seeds%n",
        size.edges(), size.instances(), Globe.REGIONS, size.seconds(), seeds);
    List<Scenario> scenarios = new ArrayList<>(Scenario.ALL);
    String wanted = only;
    scenarios.removeIf(scenario -> !wanted.isEmpty() && !scenario.name().equals(wanted));
    Map<String, WayMaker> ways = new LinkedHashMap<>(WAYS);
    String wantedWay = onlyWay;
    ways.keySet().removeIf(name -> !wantedWay.isEmpty() && !name.contains(wantedWay));
    try (ExecutorService pool =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      Map<Scenario, Map<String, List<Future<Outcome>>>> runs = new LinkedHashMap<>();
      for (Scenario scenario : scenarios) {
        Map<String, List<Future<Outcome>>> byWay = new LinkedHashMap<>();
        for (Map.Entry<String, WayMaker> way : ways.entrySet()) {
          List<Future<Outcome>> bySeed = new ArrayList<>();
          for (int seed = 1; seed <= seeds; seed++) {
            long number = seed;
            Size fleet = size;
            bySeed.add(pool.submit(() -> new Play(fleet, scenario, way.getValue(), number).run()));
          }
          byWay.put(way.getKey(), bySeed);
        }
        runs.put(scenario, byWay);
      }
      for (Map.Entry<Scenario, Map<String, List<Future<Outcome>>>> run : runs.entrySet()) {
        Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
        for (Map.Entry<String, List<Future<Outcome>>> way : run.getValue().entrySet()) {
          List<Outcome> list = new ArrayList<>();
          for (Future<Outcome> future : way.getValue()) {
            list.add(future.get());
          }
          outcomes.put(way.getKey(), list);
        }
        print(run.getKey(), outcomes);
      }
    }
  }

  private static void print(Scenario scenario, Map<String, List<Outcome>> outcomes) {
    print("%n**%s**: %s%n%n", scenario.name(), scenario.says());
    print("| way | p50 ms | p99 ms | p99.9 ms | errors %% |%n|---|---|---|---|---|%n");
    outcomes.forEach((way, list) ->
        print(
            "| %s | %s | %s | %s | %s |%n",
            way,
            range(list, "%.0f", each -> each.millis(50)),
            range(list, "%.0f", each -> each.millis(99)),
            range(list, "%.0f", each -> each.millis(99.9)),
            range(list, "%.3f", Outcome::errorPercent)));
    double most = 0;
    for (List<Outcome> list : outcomes.values()) {
      most = Math.max(most, median(list, each -> each.millis(99)));
    }
    print("%n```%n");
    for (Map.Entry<String, List<Outcome>> way : outcomes.entrySet()) {
      double p99 = median(way.getValue(), each -> each.millis(99));
      print(
          "%-15s p99 %-" + CHART_WIDTH + "s %.0f%n",
          way.getKey(),
          "█".repeat((int) Math.max(1, Math.round(p99 / most * CHART_WIDTH))),
          p99);
    }
    print("```%n");
  }

  private static double median(List<Outcome> list, ToDoubleFunction<Outcome> figure) {
    double[] sorted = list.stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /// The median, and in parentheses from least to most.
  private static String range(List<Outcome> list, String format, ToDoubleFunction<Outcome> figure) {
    String middle = String.format(Locale.ROOT, format, median(list, figure));
    if (list.size() == 1) {
      return middle;
    }
    double[] sorted = list.stream().mapToDouble(figure).sorted().toArray();
    return middle
        + String.format(
            Locale.ROOT, " (" + format + "–" + format + ")", sorted[0], sorted[sorted.length - 1]);
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
