package anycast.routing.sim;

import anycast.routing.feed.Arrival;
import anycast.routing.feed.Cause;
import anycast.routing.feed.ChangeRecord;
import anycast.routing.feed.FeedCore;
import anycast.routing.feed.FeedId;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Sees all that happens at the edge, and says so when a promise is broken.
final class Witness {
  /// A stream's tries wait 0.1 s, 0.2 s and so on to 5 s; a few failures have a remedy that is
  /// tried at once, and an operator may ask too.
  private static final int MOST_OPENINGS = 24;

  private static final Duration OPENINGS_WITHIN = Duration.ofSeconds(10);

  /// A stream is quiet for a minute, give or take a fifth, before that.
  private static final Duration RENEWALS_APART = Duration.ofSeconds(48);

  private enum Stream {
    NONE,
    SHADOW,
    LIVE,
    LOST
  }

  private static final class Feed {
    Stream stream = Stream.NONE;
    boolean whole;
    long position;
    long renewals;
    long renewedNanos;
    final Deque<Long> openings = new ArrayDeque<>();
  }

  private final World world;
  private final Map<Entity.Key, Entity> calm;
  private final Map<FeedId, Feed> feeds = new HashMap<>();
  private final Map<Entity.Key, Entity> replayed = new HashMap<>();
  private long changesSeen;
  private long openingsCount;
  private long snapshotsTaken;
  private long auditedNanos;

  Witness(World world, Map<Entity.Key, Entity> calm) {
    this.world = world;
    this.calm = calm;
  }

  /// A new process begins with an empty table.
  void onStart(RoutingSnapshot empty) {
    feeds.clear();
    replayed.clear();
    changesSeen = 0;
  }

  /// Without those that renew a stream of which nothing was lost.
  long openings() {
    return openingsCount;
  }

  long snapshotsTaken() {
    return snapshotsTaken;
  }

  void onPreloaded(RoutingSnapshot snapshot) {
    calmIsInForce(snapshot);
  }

  void calmIsInForce(RoutingSnapshot snapshot) {
    calm.forEach((key, entity) ->
        world.demand(
            entity.equals(snapshot.find(key)),
            Promise.UNTOUCHED,
            () -> entity + " is " + snapshot.find(key)));
  }

  /// What was in force stays so unless a delta says otherwise, so deltas are what is watched.
  void onPublished(Delta delta, RoutingSnapshot next) {
    for (Change change : delta.changes()) {
      switch (change) {
        case Change.Put(Entity entity) -> {
          Entity untouched = calm.get(entity.key());
          world.demand(
              untouched == null || untouched.equals(entity),
              Promise.UNTOUCHED,
              () -> untouched + " became " + entity);
          replayed.put(entity.key(), entity);
        }
        case Change.Remove(Entity.Key key) -> {
          world.demand(!calm.containsKey(key), Promise.UNTOUCHED, () -> key + " was removed");
          replayed.remove(key);
        }
      }
    }
    world.story.tell(() -> "published " + next.version() + ": " + delta.changes());
  }

  /// What the deltas add up to is what readers see.
  void replayEquals(RoutingSnapshot snapshot) {
    int[] count = new int[1];
    snapshot.eachEntity(entity -> {
      count[0]++;
      world.demand(
          entity.equals(replayed.get(entity.key())),
          Promise.REPLAY,
          () -> "in force " + entity + ", told " + replayed.get(entity.key()));
    });
    world.demand(
        count[0] == replayed.size(),
        Promise.REPLAY,
        () -> count[0] + " in force, " + replayed.size() + " told");
  }

  /// After each call into the core: what its ring says of changes.
  void onCore(FeedCore core, long nowMillis) {
    long changes = core.changes().count();
    if (changes == changesSeen) {
      return;
    }
    List<ChangeRecord> records = core.changes().since(nowMillis).records();
    int fresh = (int) Math.min(records.size(), changes - changesSeen);
    changesSeen = changes;
    for (ChangeRecord record : records.subList(records.size() - fresh, records.size())) {
      boolean back =
          record.cause() == Cause.CHANGE
              && record.before() != null
              && record.after() != null
              && record.after().generation() < record.before().generation();
      world.demand(!back, Promise.MONOTONE, record::toString);
    }
  }

  /// @param first in the life of a process
  void onOwnAudit(boolean first) {
    long now = world.agenda.elapsedNanos();
    world.demand(
        first || now - auditedNanos >= World.OFTEN.toNanos() * 4 / 5,
        Promise.NO_STORM,
        () -> "an audit again after " + Duration.ofNanos(now - auditedNanos));
    auditedNanos = now;
  }

  /// @param renewing whether nothing failed, and a quiet stream is opened again to be sure
  void onOpening(FeedId id, boolean renewing) {
    Feed feed = feed(id);
    Deque<Long> openings = feed.openings;
    long now = world.agenda.nanos();
    openings.addLast(now);
    if (renewing) {
      boolean rare = feed.renewals == 0 || now - feed.renewedNanos >= RENEWALS_APART.toNanos();
      world.demand(rare, Promise.NO_STORM, () -> id + " is renewed again too soon");
      feed.renewedNanos = now;
      feed.renewals++;
    } else {
      openingsCount++;
    }
    while (now - openings.getFirst() > OPENINGS_WITHIN.toNanos()) {
      openings.removeFirst();
    }
    world.demand(
        openings.size() <= MOST_OPENINGS,
        Promise.NO_STORM,
        () -> openings.size() + " openings of " + id + " within " + OPENINGS_WITHIN);
  }

  void onBatch(List<Arrival> batch) {
    for (Arrival arrival : batch) {
      Feed feed = feed(arrival.feed());
      if (arrival.feed().table() != Table.BEATS) {
        world.story.tell(() -> "event " + arrival.feed() + " " + words(arrival.event()));
      }
      switch (arrival.event()) {
        case SourceEvent.SnapshotBegun begun -> {
          // a quiet stream with nothing to go on from takes its snapshot again, and lost nothing
          boolean again = feed.stream == Stream.LIVE && feed.position == 0;
          boolean first = feed.stream == Stream.NONE || feed.stream == Stream.LOST;
          want(first || again, arrival, feed);
          feed.stream = Stream.SHADOW;
          feed.whole = false;
        }
        case SourceEvent.Row row -> want(feed.stream == Stream.SHADOW, arrival, feed);
        case SourceEvent.SnapshotEnded ended -> {
          want(feed.stream == Stream.SHADOW, arrival, feed);
          feed.stream = Stream.LIVE;
          feed.whole = true;
          feed.position = ended.watermark().position();
          snapshotsTaken++;
        }
        case SourceEvent.Resumed resumed -> {
          want(feed.stream == Stream.LOST && feed.whole, arrival, feed);
          feed.stream = Stream.LIVE;
        }
        case SourceEvent.Changed changed -> changed(changed, arrival, feed);
        case SourceEvent.Together(_, var changes) ->
            changes.forEach(changed -> changed(changed, arrival, feed));
        case SourceEvent.Lost lost -> feed.stream = Stream.LOST;
      }
    }
  }

  private void changed(SourceEvent.Changed changed, Arrival arrival, Feed feed) {
    want(feed.stream == Stream.LIVE, arrival, feed);
    boolean gapWanted = world.breakage == Breakage.GAP_BEFORE_CORE;
    want(gapWanted || changed.position() == feed.position + 1, arrival, feed);
    feed.position = changed.position();
  }

  private void want(boolean held, Arrival arrival, Feed feed) {
    world.demand(
        held,
        Promise.CONTIGUOUS,
        () -> arrival + " came while " + feed.stream + " at " + feed.position);
  }

  private static String words(SourceEvent event) {
    return switch (event) {
      case SourceEvent.SnapshotBegun _ -> "snapshot begun";
      case SourceEvent.Row row -> "row " + row.rowid() + " " + row.cells();
      case SourceEvent.SnapshotEnded ended -> "snapshot ended at " + ended.watermark();
      case SourceEvent.Resumed _ -> "resumed";
      case SourceEvent.Changed c ->
          c.kind() + " " + c.rowid() + " " + c.cells() + " at " + c.position();
      case SourceEvent.Together(_, var changes) ->
          changes.stream().map(Witness::words).collect(Collectors.joining(", "));
      case SourceEvent.Lost lost -> "lost: " + lost.reason();
    };
  }

  private Feed feed(FeedId id) {
    return feeds.computeIfAbsent(id, _ -> new Feed());
  }
}
