package anycast.routing.virtual;

/// The one form of a path by which rules match and which the instance reads.
public sealed interface CanonicalPath {
  /// It came in canonical form.
  record Unchanged() implements CanonicalPath {}

  /// @param target path with query, canonical, to match by and to forward
  /// @param pathEnd where its path ends
  record Changed(byte[] target, int pathEnd) implements CanonicalPath {}

  /// Two readers could take it for two different paths.
  ///
  /// @param reason in words for who sent it
  record Refused(String reason) implements CanonicalPath {}
}
