package anycast.routing.sim;

import anycast.routing.feed.FeedId;
import anycast.routing.feed.SourceEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Sits between consumer and core and lets everything through; in a broken world, not everything.
final class Tamper {
  private static final int SWALLOWS_ONE_IN = 30;

  private final World world;
  private final Breakage breakage;
  private final Chance chance;
  private final Map<FeedId, Long> swallowed = new HashMap<>();

  Tamper(World world, Chance chance) {
    this.world = world;
    this.breakage = world.breakage;
    this.chance = chance;
  }

  Optional<SourceEvent> through(FeedId feed, SourceEvent event) {
    if (event instanceof SourceEvent.SnapshotEnded) {
      swallowed.remove(feed);
    }
    if (!(event instanceof SourceEvent.Changed changed) || breakage == Breakage.NONE) {
      return Optional.of(event);
    }
    if (swallows(changed)) {
      swallowed.merge(feed, 1L, Long::sum);
      return Optional.empty();
    }
    if (breakage == Breakage.GAP_BEFORE_CORE) {
      return Optional.of(event);
    }
    long position = changed.position() - swallowed.getOrDefault(feed, 0L);
    return Optional.of(
        new SourceEvent.Changed(
            changed.table(), changed.kind(), changed.rowid(), changed.cells(), position));
  }

  private boolean swallows(SourceEvent.Changed changed) {
    return switch (breakage) {
      case SWALLOWED_CHANGE -> chance.oneIn(SWALLOWS_ONE_IN);
      case GAP_BEFORE_CORE -> !world.weather.isClear() && chance.oneIn(SWALLOWS_ONE_IN);
      case SWALLOWED_DELETE -> changed.kind() == SourceEvent.Kind.DELETE;
      case NONE, TORN_FILE_PASSES, NO_GUARD, SNAPSHOT_FOR_EACH_CHANGE -> false;
    };
  }
}
