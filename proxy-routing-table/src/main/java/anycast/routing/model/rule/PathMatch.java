package anycast.routing.model.rule;

/// Which canonical paths; texts are canonical themselves and begin with `/`.
public sealed interface PathMatch {
  /// As its author wrote it.
  String text();

  /// This very path.
  record Exact(String text) implements PathMatch {}

  /// This path and all below it: `/a` takes `/a` and `/a/b`, not `/ab`. `/` takes all.
  record Prefix(String text) implements PathMatch {}

  /// As many segments as it has, each equal or a `{name}`, which takes any segment that is not
  /// empty: `/users/{id}`.
  record Template(String text) implements PathMatch {}
}
