package anycast.routing.feed;

import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import java.util.ArrayList;
import java.util.List;
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

  /// @param before null = nothing
  /// @param after null = nothing; not both are
  void add(Entity before, Entity after) {
    changes.add(after == null ? new Change.Remove(before.key()) : new Change.Put(after));
    befores.add(before);
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
      LOG.error("a bug in hearing what another node keeps out", e);
    }
  }

  void flush() {
    if (!changes.isEmpty()) {
      publish(0, changes.size());
      changes.clear();
      befores.clear();
      causes.clear();
      replaced = 0;
    }
  }

  /// A delta that the builder cannot take is halved until the change that it cannot take is alone:
  /// one bad entity costs itself, not its neighbours.
  private void publish(int from, int to) {
    long version;
    try {
      version = publication.publish(new Delta(changes.subList(from, to)));
    } catch (RuntimeException e) {
      if (to - from == 1) {
        LOG.error("a change that cannot be put in force was left out", e);
        return;
      }
      int half = from + (to - from) / 2;
      publish(from, half);
      publish(half, to);
      return;
    }
    for (int i = from; i < to; i++) {
      Entity after = changes.get(i) instanceof Change.Put(Entity entity) ? entity : null;
      ring.record(new ChangeRecord(now.millis(), version, causes.get(i), befores.get(i), after));
    }
  }
}
