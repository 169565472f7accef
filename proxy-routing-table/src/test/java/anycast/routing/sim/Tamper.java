package anycast.routing.sim;

import anycast.routing.feed.SourceEvent;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// Sits between consumer and core and lets everything through; in a broken world, not everything.
final class Tamper {
  private static final int SWALLOWS_ONE_IN = 30;

  private final Breakage breakage;
  private final Chance chance;
  private final Map<anycast.routing.feed.Table, Long> swallowed =
      new EnumMap<>(anycast.routing.feed.Table.class);

  Tamper(Breakage breakage, Chance chance) {
    this.breakage = breakage;
    this.chance = chance;
  }

  Optional<SourceEvent> through(SourceEvent event) {
    if (event instanceof SourceEvent.SnapshotEnded) {
      swallowed.remove(event.table());
    }
    if (!(event instanceof SourceEvent.Changed changed) || breakage == Breakage.NONE) {
      return Optional.of(event);
    }
    if (swallows(changed)) {
      swallowed.merge(event.table(), 1L, Long::sum);
      return Optional.empty();
    }
    if (breakage == Breakage.GAP_BEFORE_CORE) {
      return Optional.of(event);
    }
    long position = changed.position() - swallowed.getOrDefault(event.table(), 0L);
    return Optional.of(
        new SourceEvent.Changed(
            changed.table(), changed.kind(), changed.rowid(), changed.cells(), position));
  }

  private boolean swallows(SourceEvent.Changed changed) {
    return switch (breakage) {
      case SWALLOWED_CHANGE, GAP_BEFORE_CORE -> chance.oneIn(SWALLOWS_ONE_IN);
      case SWALLOWED_DELETE -> changed.kind() == SourceEvent.Kind.DELETE;
      case NONE,
          TORN_FILE_PASSES,
          SAVED_QUERIES_USED_TWICE,
          NO_GUARD,
          SNAPSHOT_FOR_EACH_CHANGE ->
          false;
    };
  }
}
