package anycast.routing.feed;

import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes that wait to be published together, and the ring of those that were.
///
/// **Threading.** The core's; the [#ring] is for any thread's reading.
final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  /// Rows that are replaced are there twice until the delta is in force, a million of them 300 MB.
  /// Slices cost the builder the pages that they share, 8 MB each, and keep the peak at a
  /// sixteenth. Tables promise nothing to each other anyway, so readers do not mind.
  static final int SLICE = 65_536;

  /// Rows that come are there once; a million of them cost 100 MB while they are drafted. A table
  /// that is new comes in one piece, because each slice would touch every node.
  private static final int ADDED_SLICE = 1 << 21;

  private final Publication publication;
  private final ChangeRing ring;
  private final List<Change> changes = new ArrayList<>();
  private final List<Entity> befores = new ArrayList<>();
  private final List<Cause> causes = new ArrayList<>();
  private int replaced;
  private long deaf;
  private Cause cause = Cause.CHANGE;
  private Moment now;

  Outbox(Publication publication, Moment now) {
    this.publication = publication;
    this.ring = new ChangeRing(ChangeRing.STANDARD_CAPACITY, now.millis());
    this.now = now;
  }

  ChangeRing ring() {
    return ring;
  }

  /// Why and when, for all changes that are added from now on.
  void because(Cause of, Moment when) {
    cause = of;
    now = when;
  }

  /// @param before what the feed said until now; null = nothing
  /// @param after null = nothing; not both are
  void add(Entity before, Entity after) {
    Entity known = after == null ? before : after;
    changes.add(after == null ? new Change.Remove(before.key()) : new Change.Put(after));
    befores.add(publication.served(known.key(), before));
    causes.add(cause);
    replaced += before == null ? 0 : 1;
    if (replaced >= SLICE || changes.size() >= ADDED_SLICE) {
      flush();
    }
  }

  /// A reject is told at once; who hears it may be in error, which must not cost the feed.
  void tell(Decoded.Reject reject, boolean stands) {
    try {
      publication.onReject(reject, stands);
    } catch (RuntimeException e) {
      // 1, 2, 4, 8: there may be a hundred thousand rows
      if (Long.bitCount(++deaf) == 1) {
        LOG.error("a bug in hearing what another node keeps out, {} times by now", deaf, e);
      }
    }
  }

  void flush() {
    if (changes.isEmpty()) {
      return;
    }
    try {
      Publication.Published published = publication.publish(new Delta(changes));
      for (int i = 0; i < changes.size(); i++) {
        if (!published.keptOut().get(i)) {
          record(published.version(), i);
        }
      }
    } catch (RuntimeException e) {
      LOG.error("a bug in putting {} changes in force; they were left out", changes.size(), e);
    } finally {
      changes.clear();
      befores.clear();
      causes.clear();
      replaced = 0;
    }
  }

  private void record(long version, int index) {
    Entity before = befores.get(index);
    Entity after = changes.get(index) instanceof Change.Put(Entity entity) ? entity : null;
    if (!Objects.equals(before, after)) {
      ring.record(new ChangeRecord(now.millis(), version, causes.get(index), before, after));
    }
  }
}
