package anycast.routing.feed.lastgood;

import java.util.List;

/// What an operator wants to know about the table on disk.
///
/// @param begun what this process began with
/// @param saved what would be loaded next; its generation is 0 before this process saved one
/// @param failures savings that failed
/// @param lastFailure why the last saving failed; empty where it did not
public record LastGoodStatus(Begun begun, Saved saved, long failures, String lastFailure) {
  /// @param which `newest`, `older`, `none` or `damaged`
  /// @param asOfMillis wall clock at which a source vouched for it; 0 = nothing was loaded
  /// @param problems damage found, one sentence each
  public record Begun(
      String which, long generation, long asOfMillis, long entities, List<String> problems) {
    public Begun {
      problems = List.copyOf(problems);
    }

    static Begun of(LastGood found) {
      return switch (found) {
        case LastGood.Loaded l ->
            new Begun(
                l.which() == LastGood.Which.NEWEST ? "newest" : "older",
                l.generation(),
                l.asOfMillis(),
                l.entities().size(),
                l.problems());
        case LastGood.None() -> new Begun("none", 0, 0, 0, List.of());
        case LastGood.Damaged(List<String> reasons) -> new Begun("damaged", 0, 0, 0, reasons);
      };
    }
  }

  /// @param version of the snapshot
  public record Saved(long generation, long asOfMillis, long version, long entities, long bytes) {}
}
