package anycast.routing.document;

import java.util.List;

/// A YAML document without aliases and tags, whose parts know where they stand.
sealed interface Tree {
  /// From 1.
  int line();

  /// From 1.
  int column();

  /// @param plain whether it stands without quotes, so that it may be a number or a truth value
  record Scalar(String text, boolean plain, int line, int column) implements Tree {
    /// Whether it is YAML's way to say nothing.
    boolean isNull() {
      return plain
          && switch (text) {
            case "", "~", "null", "Null", "NULL" -> true;
            default -> false;
          };
    }
  }

  record Sequence(List<Tree> items, int line, int column) implements Tree {}

  /// @param entries each key once
  record Mapping(List<Entry> entries, int line, int column) implements Tree {}

  /// One line of a mapping.
  record Entry(Scalar key, Tree value) {}
}
