package anycast.routing.document;

import anycast.routing.model.rule.RuleSet;
import java.util.List;

/// What came of reading a document.
public sealed interface DocumentRead {
  /// @param warnings in the order of their lines; the document can be used all the same
  record Valid(RuleSet rules, List<Problem> warnings) implements DocumentRead {
    public Valid {
      warnings = List.copyOf(warnings);
    }
  }

  /// @param problems all of them, up to a bound, in the order of their lines; at least one
  record Invalid(List<Problem> problems) implements DocumentRead {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
