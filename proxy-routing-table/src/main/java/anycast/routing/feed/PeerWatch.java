package anycast.routing.feed;

import anycast.routing.model.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/// What another agent says of peers, while this process' own state is old.
///
/// A beat is evidence only if it moved: beyond the one that came in here, or since the answer
/// before. An agent that is as cut off as we are repeats what we know.
///
/// **Threading.** One thread at a time tells answers; [#ages] is for any thread.
final class PeerWatch {
  private record Known(Freshness.PeerAge atAnswer, long answeredNanos) {}

  private final NodeId self;
  private final Map<NodeId, Long> before = new HashMap<>();
  private final Map<NodeId, Known> moved = new HashMap<>();
  private volatile List<Known> known = List.of();

  /// @param self null = nobody
  PeerWatch(NodeId self) {
    this.self = self;
  }

  /// @param cameIn the last count of a node that came in here; -1 = none
  void onAnswer(List<Decoded.Beat> beats, ToLongFunction<NodeId> cameIn, long nowNanos) {
    for (Decoded.Beat beat : beats) {
      if (beat.node().equals(self)) {
        continue;
      }
      Long last = before.put(beat.node(), beat.seq());
      long ours = cameIn.applyAsLong(beat.node());
      if (last == null ? ours >= 0 && beat.seq() > ours : beat.seq() > last) {
        long age = TimeUnit.MILLISECONDS.toNanos(beat.ageMillis());
        moved.put(beat.node(), new Known(new Freshness.PeerAge(beat.node(), age), nowNanos));
      }
    }
    known = List.copyOf(moved.values());
  }

  /// Each peer's age now: it grows while nobody says more.
  List<Freshness.PeerAge> ages(long nowNanos) {
    List<Freshness.PeerAge> ages = new ArrayList<>();
    for (Known one : known) {
      long age = one.atAnswer().ageNanos() + Math.max(0, nowNanos - one.answeredNanos());
      ages.add(new Freshness.PeerAge(one.atAnswer().peer(), age));
    }
    return ages;
  }
}
