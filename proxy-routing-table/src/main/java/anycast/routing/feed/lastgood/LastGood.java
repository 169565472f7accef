package anycast.routing.feed.lastgood;

import anycast.routing.model.Entity;
import java.util.List;

/// What a directory holds of the table that served last.
public sealed interface LastGood {
  /// A whole table, verified to its last byte.
  ///
  /// @param entities each once, those of one app near each other
  /// @param asOfMillis wall clock at which a source vouched for it
  /// @param generation counts savings over the life of the directory
  /// @param problems newer generations that are damaged, and entities that this program refuses;
  ///   empty where all is well
  record Loaded(
      List<Entity> entities, long asOfMillis, long generation, Which which, List<String> problems)
      implements LastGood {
    public Loaded {
      problems = List.copyOf(problems);
    }
  }

  /// Nothing was saved there yet.
  record None() implements LastGood {}

  /// Something is there and none of it can be used.
  ///
  /// @param reasons one sentence each
  record Damaged(List<String> reasons) implements LastGood {
    public Damaged {
      reasons = List.copyOf(reasons);
    }
  }

  /// Whether something newer had to be passed over.
  enum Which {
    NEWEST,
    OLDER
  }
}
