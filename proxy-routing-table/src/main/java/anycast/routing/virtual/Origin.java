package anycast.routing.virtual;

/// Which entry a rule comes from: the two words of its content hash, at hand so that whoever
/// follows the rule can write them down without computing anything.
///
/// @param high 0 with `low` 0 where nobody told
public record Origin(long high, long low) {
  /// Nobody told, or several entries had a part in it.
  public static final Origin UNKNOWN = new Origin(0, 0);
}
