package anycast.load.balance;

import anycast.load.balance.Play.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Prints one scenario's figures as a Markdown table and as a chart.
final class BalanceReport {
  private static final int CHART_WIDTH = 48;

  private BalanceReport() {}

  static void print(Scenario scenario, Map<String, List<Outcome>> outcomes) {
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

  static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
