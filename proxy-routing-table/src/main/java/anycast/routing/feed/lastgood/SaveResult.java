package anycast.routing.feed.lastgood;

import java.util.List;

/// What became of one saving.
public sealed interface SaveResult {
  /// It outlives a crash.
  ///
  /// @param leftovers files that should be gone and could not be removed, with reasons
  record Saved(long generation, long entities, long bytes, List<String> leftovers)
      implements SaveResult {
    public Saved {
      leftovers = List.copyOf(leftovers);
    }
  }

  /// What was saved before is still there.
  record NotSaved(String reason) implements SaveResult {}
}
