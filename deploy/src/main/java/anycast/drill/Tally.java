package anycast.drill;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What became of requests, by the second in which they were sent and by label.
///
/// **Threading.** Any thread, under its own lock.
final class Tally {
  private static final int COLUMN = 16;

  /// One label in one second.
  private static final class Cell {
    int sent;
    int ok;
    final Map<String, Integer> failures = new TreeMap<>();

    boolean isComplete() {
      return sent == ok + failures.values().stream().mapToInt(Integer::intValue).sum();
    }

    String words() {
      StringBuilder words = new StringBuilder().append(ok).append('/').append(sent);
      failures.forEach((how, count) -> words.append(' ').append(count).append('x').append(how));
      return words.toString();
    }
  }

  private record Second(int number, String step, Map<String, Cell> cells) {}

  /// A failed request.
  record Failure(int second, String step, String label, String how) {}

  private final List<String> labels;
  private final PrintStream out;
  private final List<Second> open = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private long total;

  Tally(List<String> labels, PrintStream out) {
    this.labels = labels;
    this.out = out;
    StringBuilder head = new StringBuilder("%4s  %-22s".formatted("SEC", "STEP (ok/sent)"));
    labels.forEach(label -> head.append(padded(label)));
    out.println(head.toString().stripTrailing());
  }

  private static String padded(String text) {
    return ("%-" + COLUMN + "s").formatted(text);
  }

  synchronized void sent(int second, String step, String label) {
    if (open.isEmpty() || open.getLast().number() != second) {
      open.add(new Second(second, step, new TreeMap<>()));
    }
    open.getLast().cells().computeIfAbsent(label, _ -> new Cell()).sent++;
    total++;
  }

  /// @param how `200`, another status, or what went wrong in a word
  synchronized void ended(int second, String label, String how) {
    for (Second one : open) {
      if (one.number() == second) {
        Cell cell = one.cells().get(label);
        if (how.equals("200")) {
          cell.ok++;
        } else {
          cell.failures.merge(how, 1, Integer::sum);
          failures.add(new Failure(second, one.step(), label, how));
        }
      }
    }
  }

  /// Prints the seconds before this one whose requests have all ended.
  synchronized void print(int before) {
    while (!open.isEmpty()
        && open.getFirst().number() < before
        && open.getFirst().cells().values().stream().allMatch(Cell::isComplete)) {
      Second second = open.removeFirst();
      StringBuilder line =
          new StringBuilder("%4d  %-22s".formatted(second.number(), second.step()));
      for (String label : labels) {
        Cell cell = second.cells().get(label);
        line.append(padded(cell == null ? "-" : cell.words()));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  synchronized long total() {
    return total;
  }

  synchronized List<Failure> failures() {
    return List.copyOf(failures);
  }
}
