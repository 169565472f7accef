package anycast.load.bench;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// The table that a person reads (Markdown, so that it can stand in a document) and the file that a
/// script reads.
final class Report {
  private final PrintWriter out;

  Report(PrintWriter out) {
    this.out = out;
  }

  /// One case at one rate: a line for each chain, ratios to HAProxy.
  void table(String title, List<Series> chains) {
    double haproxy =
        chains.stream()
            .filter(series -> series.chain().equals(Chain.HAPROXY))
            .findFirst()
            .map(series -> series.median(Sample::cpuMicros))
            .orElse(Double.NaN);
    out.printf("%n**%s**%n%n", title);
    out.println(
        "| chain | CPU µs/request | to haproxy | requests/s | p50 µs | p99 µs | p99.9 µs | RSS MB |"
            + " failed |");
    out.println("|---|---|---|---|---|---|---|---|---|");
    for (Series series : chains) {
      double cpu = series.median(Sample::cpuMicros);
      out.printf(
          "| %s | %s | %.2f | %s | %s | %s | %s | %.0f | %d |%n",
          series.chain(),
          ranged(series, Sample::cpuMicros, "%.1f"),
          cpu / haproxy,
          ranged(series, Sample::rate, "%.0f"),
          ranged(series, Sample::p50Micros, "%.0f"),
          ranged(series, Sample::p99Micros, "%.0f"),
          ranged(series, Sample::p999Micros, "%.0f"),
          series.median(Sample::residentMegabytes),
          series.failed());
    }
    chains.stream().filter(each -> each.median(Sample::watchMicros) > 0).forEach(this::watching);
    out.flush();
  }

  /// What the threads cost that watch, for the same requests. What loops write down for them is
  /// measured by `deploy/bench table`.
  private void watching(Series series) {
    double cpu = series.median(Sample::cpuMicros);
    out.printf(
        "%n%s: of it %s µs/request (%.2f %%) for the watchdog, %s (%.2f %%) for canary and"
            + " sd_notify%n",
        series.chain(),
        ranged(series, Sample::watchMicros, "%.3f"),
        100 * series.median(Sample::watchMicros) / cpu,
        ranged(series, Sample::canaryMicros, "%.3f"),
        100 * series.median(Sample::canaryMicros) / cpu);
  }

  private static String ranged(Series series, ToDoubleFunction<Sample> part, String format) {
    Series.Range range = series.range(part);
    return (format + " (" + format + ".." + format + ")")
        .formatted(range.median(), range.least(), range.most());
  }

  static void json(Path file, Map<String, String> machine, List<Series> all) throws IOException {
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValue(file.toFile(), Map.of("machine", machine, "series", all));
  }
}
