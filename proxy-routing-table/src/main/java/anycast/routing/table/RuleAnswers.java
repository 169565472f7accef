package anycast.routing.table;

import anycast.routing.virtual.RequestView;
import anycast.routing.virtual.RuleIndex;

/// An index of rules with what a request is answered that one of them takes, ready made, so that a
/// match allocates nothing. Immutable; the same one stands on all hosts that have these rules.
final class RuleAnswers {
  /// This object and its array; an answer with its place.
  private static final int BYTES = 40;

  private static final int ANSWER_BYTES = 4 + 16;

  final RuleIndex index;

  /// By rank in the index.
  private final Destination.ByRule[] answers;

  RuleAnswers(RuleIndex index) {
    this.index = index;
    this.answers =
        index.rules().stream().map(Destination.ByRule::new).toArray(Destination.ByRule[]::new);
  }

  /// @return null where no rule takes the request
  Destination.ByRule match(RequestView request) {
    int rank = index.rank(request);
    return rank < 0 ? null : answers[rank];
  }

  /// What this takes beside the rules, about.
  long bytes() {
    return BYTES + (long) ANSWER_BYTES * answers.length + index.bytes();
  }
}
