package anycast.routing.pick;

import java.util.List;

/// What a picker answers.
public sealed interface PickResult {
  /// At least one; best first. None twice, unless the client insists on one instance: then it is
  /// tried several times.
  record Picked(List<Candidate> candidates) implements PickResult {}

  /// Nothing can take the request, and why, in words for the operator.
  record None(Why why, String reason) implements PickResult {}

  /// Why there is nobody.
  enum Why {
    /// No instance is known, or none runs, or on no node that takes links.
    NOT_RUNNING,
    /// Some run; all of them are cordoned, fail their checks or lag.
    NOT_READY,
    /// Some are ready; the client insists on others.
    WISH
  }
}
