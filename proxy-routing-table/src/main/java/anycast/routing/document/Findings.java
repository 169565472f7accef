package anycast.routing.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What one reading has found.
///
/// **Threading.** One thread, one reading.
final class Findings {
  /// Nobody reads more at a time; a generated document may have the same mistake in each rule.
  static final int MAX = 100;

  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private int more;

  void problem(int line, int column, String path, String message) {
    if (problems.size() < MAX) {
      problems.add(new Problem(line, column, path, message));
    } else {
      more++;
    }
  }

  void warning(int line, int column, String path, String message) {
    if (warnings.size() < MAX) {
      warnings.add(new Problem(line, column, path, message));
    }
  }

  boolean hasProblems() {
    return !problems.isEmpty();
  }

  /// @return in the order of their places
  List<Problem> problems() {
    List<Problem> sorted = new ArrayList<>(problems);
    sorted.sort(BY_PLACE);
    if (more > 0) {
      sorted.add(new Problem(0, 0, "", "and " + more + " more problems"));
    }
    return sorted;
  }

  /// @return in the order of their places
  List<Problem> warnings() {
    List<Problem> sorted = new ArrayList<>(warnings);
    sorted.sort(BY_PLACE);
    return sorted;
  }
}
