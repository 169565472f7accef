package anycast.routing.pick;

import java.util.List;

/// What a picker answers.
public sealed interface PickResult {
  /// At least one; best first, none twice.
  record Picked(List<Candidate> candidates) implements PickResult {}

  /// Nothing can take the request, and why, in words for the operator.
  record None(String reason) implements PickResult {}
}
