package anycast.backhaul.runtime;

import java.util.List;

/// A configuration that cannot be used, with all its problems at once.
public final class ConfigProblems extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  ConfigProblems(List<Problem> problems) {
    super(String.join("\n", problems.stream().map(Problem::toString).toList()));
    this.problems = List.copyOf(problems);
  }

  /// In the order of the file.
  public List<Problem> problems() {
    return problems;
  }

  /// One thing that is wrong.
  ///
  /// @param line counted from 1; 0 = the file as a whole
  /// @param text a sentence that says what is wanted
  public record Problem(String file, int line, String text) {
    @Override
    public String toString() {
      return file + (line > 0 ? ":" + line : "") + ": " + text;
    }
  }
}
