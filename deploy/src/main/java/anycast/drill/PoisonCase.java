package anycast.drill;

import anycast.routing.model.rule.Poison;
import java.util.Locale;

/// One poison and its way in.
///
/// @param everywhere whether requests that follow it go to every edge; else to the first one
record PoisonCase(Poison poison, Way way, boolean everywhere) {
  /// How it comes to the edge that it strikes.
  enum Way {
    /// A row changes while the edge serves.
    CHANGE("as a change"),
    /// The row has changed while the edge was down.
    START("in state at the start"),
    /// The edge has saved it, and starts with it.
    LAST_GOOD("in last-good"),
    /// Among five hundred good ones in one transaction.
    BATCH("among 500 good changes");

    private final String words;

    Way(String words) {
      this.words = words;
    }
  }

  /// Whether a request brings it about, and not the row by itself.
  boolean byRequest() {
    return poison.at() == Poison.At.REQUEST;
  }

  /// Whether the process that it strikes cannot go on: one that waits or throws while it compiles
  /// costs no more than a thread, and one that throws while it is followed no more than that
  /// request.
  boolean mustEnd() {
    return switch (poison.kind()) {
      case LOCK, HANG, SPIN -> byRequest();
      case THROW, MEMORY -> false;
    };
  }

  /// Whether it may end: a thread that spins holds up the next collection of garbage.
  boolean mayEnd() {
    return mustEnd() || poison.kind() == Poison.Kind.SPIN;
  }

  /// Whether its stack can be taken: not of a loop that never comes to a safepoint.
  boolean hasStack() {
    return switch (poison.kind()) {
      case LOCK, HANG, THROW, MEMORY -> true;
      case SPIN -> false;
    };
  }

  @Override
  public String toString() {
    return "%s at %s, %s%s"
        .formatted(
            poison.kind().name().toLowerCase(Locale.ROOT),
            poison.at().name().toLowerCase(Locale.ROOT),
            way.words,
            everywhere ? ", at every edge" : "");
  }
}
