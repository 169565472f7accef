package anycast.routing.model.rule;

/// What came of reading a selector's text.
public sealed interface SelectorRead {
  record Valid(LabelSelector selector) implements SelectorRead {}

  /// @param column of the text's first character that cannot stand where it stands, from 1
  /// @param problem what was expected there, and what was found
  record Invalid(int column, String problem) implements SelectorRead {}
}
