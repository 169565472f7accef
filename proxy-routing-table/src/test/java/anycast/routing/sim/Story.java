package anycast.routing.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/// The last things that happened in a world, in words. Ten thousand worlds keep none: one that
/// fails is run again and listened to.
final class Story {
  private static final int KEPT = 400;

  private final Agenda agenda;
  private final boolean heard;
  private final Deque<String> lines = new ArrayDeque<>();

  Story(Agenda agenda, boolean heard) {
    this.agenda = agenda;
    this.heard = heard;
  }

  void tell(Supplier<String> what) {
    if (!heard) {
      return;
    }
    if (lines.size() == KEPT) {
      lines.removeFirst();
    }
    lines.addLast("%10.3f s  %s".formatted(agenda.elapsedNanos() / 1_000_000_000.0, what.get()));
  }

  String text() {
    return String.join("\n", lines);
  }
}
