package anycast.routing.model.rule;

/// What a header, query parameter or cookie must be. Of several with the name, one is enough.
///
/// @param value empty for `PRESENT` and `ABSENT`
public record Condition(String name, Test test, String value) {
  /// How the value is looked at.
  public enum Test {
    EQUALS,
    STARTS_WITH,
    PRESENT,
    ABSENT
  }
}
