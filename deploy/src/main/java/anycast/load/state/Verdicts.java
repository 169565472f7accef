package anycast.load.state;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// The measured values with the limits that the product promises.
final class Verdicts {
  /// @param limit highest value that is good; empty = the value is for information
  private record Line(String part, String what, double value, String unit, OptionalDouble limit) {
    boolean broken() {
      return limit.isPresent() && !(value <= limit.getAsDouble());
    }

    String verdict() {
      return limit.isEmpty() ? "" : broken() ? "MISSED" : "ok";
    }
  }

  private final List<Line> lines = new ArrayList<>();

  void note(String part, String what, double value, String unit) {
    lines.add(new Line(part, what, value, unit, OptionalDouble.empty()));
  }

  void judge(String part, String what, double value, String unit, double limit) {
    lines.add(new Line(part, what, value, unit, OptionalDouble.of(limit)));
  }

  boolean allKept() {
    return lines.stream().noneMatch(Line::broken);
  }

  /// As Markdown, so that it can stand in a document.
  void print(PrintWriter out) {
    out.println("| part | what | measured | limit | |");
    out.println("|---|---|--:|--:|---|");
    for (Line line : lines) {
      out.printf(
          Locale.ROOT,
          "| %s | %s | %s | %s | %s |%n",
          line.part(),
          line.what(),
          with(line.value(), line.unit()),
          line.limit().isPresent() ? with(line.limit().getAsDouble(), line.unit()) : "",
          line.verdict());
    }
  }

  private static String with(double value, String unit) {
    String format = Math.abs(value) >= 100 || value == Math.rint(value) ? "%,.0f %s" : "%.2f %s";
    return format.formatted(value, unit).strip();
  }

  /// The processor's own name: without it the numbers say little.
  static String cpu() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("model name")) {
        return line.substring(line.indexOf(':') + 2);
      }
    }
    return System.getProperty("os.arch");
  }
}
