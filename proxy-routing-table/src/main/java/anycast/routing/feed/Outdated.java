package anycast.routing.feed;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Versions of virtual services that a later one of the same batch replaces: they need not be read.
/// Reading is what costs; a thousand rules that are written twenty times a second would be seconds
/// late.
///
/// A version is outdated where all this holds: it and the later one stand in one row and have one
/// name, all changes of the feed between them follow on each other, none of them takes the row
/// away, and no other row has the name. Then nobody could see it but for an instant. Where the
/// later one cannot be used, it is not outdated after all ([#before]).
///
/// **Threading.** The core's.
final class Outdated {
  /// Nothing is.
  static final Outdated NONE = new Outdated();

  private final Set<SourceEvent.Changed> outdated =
      Collections.newSetFromMap(new IdentityHashMap<>());

  /// By the version that replaces them; the latest first.
  private final Map<SourceEvent.Changed, Deque<SourceEvent.Changed>> before =
      new IdentityHashMap<>();

  /// What is known of the changes that follow on each other.
  private static final class Run {
    final Map<Long, SourceEvent.Changed> byRow = new HashMap<>();
    final Map<Object, Long> rowOfName = new HashMap<>();
    long position;
  }

  private Outdated() {}

  static Outdated of(List<Arrival> batch) {
    Outdated outdated = null;
    Map<FeedId, Run> runs = new HashMap<>();
    for (Arrival arrival : batch) {
      if (arrival.event().table() != Table.VIRTUAL_SERVICES) {
        continue;
      }
      outdated = outdated == null ? new Outdated() : outdated;
      switch (arrival.event()) {
        case SourceEvent.Changed changed -> outdated.add(arrival.feed(), changed, runs);
        case SourceEvent.Together(_, List<SourceEvent.Changed> changes) -> {
          for (SourceEvent.Changed changed : changes) {
            outdated.add(arrival.feed(), changed, runs);
          }
        }
        case SourceEvent.SnapshotBegun _,
            SourceEvent.Row _,
            SourceEvent.SnapshotEnded _,
            SourceEvent.Resumed _,
            SourceEvent.Lost _ ->
            runs.remove(arrival.feed());
      }
    }
    return outdated == null ? NONE : outdated;
  }

  private void add(FeedId feed, SourceEvent.Changed changed, Map<FeedId, Run> runs) {
    Run run = runs.get(feed);
    Object name = name(changed);
    if (run == null || changed.position() != run.position + 1) {
      run = new Run();
      runs.put(feed, run);
    }
    run.position = changed.position();
    if (changed.kind() == SourceEvent.Kind.DELETE || name == null) {
      // Whatever comes later starts anew.
      run.byRow.clear();
      run.rowOfName.clear();
      return;
    }
    Long row = run.rowOfName.put(name, changed.rowid());
    SourceEvent.Changed earlier = run.byRow.put(changed.rowid(), changed);
    if (row != null && row != changed.rowid()) {
      run.byRow.clear();
      run.byRow.put(changed.rowid(), changed);
    } else if (earlier != null && name.equals(name(earlier))) {
      Deque<SourceEvent.Changed> all = before.remove(earlier);
      all = all == null ? new ArrayDeque<>() : all;
      all.addFirst(earlier);
      before.put(changed, all);
      outdated.add(earlier);
    }
  }

  /// @return null where it cannot be read
  private static Object name(SourceEvent.Changed changed) {
    return changed.cells() instanceof Cells.Values(List<Object> values)
            && !values.isEmpty()
            && values.getFirst() instanceof String text
        ? text
        : null;
  }

  boolean has(SourceEvent.Changed changed) {
    return outdated.contains(changed);
  }

  /// Versions that this one replaces, the latest first.
  Iterable<SourceEvent.Changed> before(SourceEvent.Changed changed) {
    Deque<SourceEvent.Changed> all = before.get(changed);
    return all == null ? List.of() : all;
  }
}
