package anycast.routing.feed.lastgood;

import anycast.routing.document.DocumentReading;
import anycast.routing.feed.Legible;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the table that serves on disk: soon after it is complete for the first time, then every so
/// often where it changed, and at an orderly end.
///
/// A table that is not complete is never saved: the one on disk is better.
///
/// **Threading.** One platform thread of its own, at a low rate; readers and the table's writer
/// wait for nothing here. [#status] is for any thread. **Faults.** A saving that fails is logged
/// once until one works, counted, and tried again in its time.
public final class LastGoodKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LastGoodKeeper.class);

  /// An orderly end waits that long: a million instances take some two seconds without rests.
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  /// Periods after which a table that did not change is saved again: it is known to be true since.
  private static final int PERIODS_A_RENEWAL = 15;

  /// How soon after the table is complete for the first time it is saved.
  private static final long FIRST_LOOK_MILLIS = 1_000;

  private final LastGoodStore store;
  private final PacedDisk disk;
  private final RoutingTable table;
  private final Served served;
  private final InstantSource clock;
  private final Duration every;
  private final Object gate = new Object();
  private final Thread thread;

  /// Guarded by `gate`.
  private boolean closed;

  private volatile LastGoodStatus status =
      new LastGoodStatus(
          LastGoodStatus.Begun.of(new LastGood.None()),
          new LastGoodStatus.Saved(0, 0, 0, 0, 0),
          0,
          "");

  /// What is known about the table's truth.
  public interface Served {
    /// Whether sources vouched for all of it at least once since the start, all of it that may be
    /// is in force, and it may be saved.
    boolean complete();

    /// Time since a source last vouched for it.
    long ageMillis();
  }

  /// @param every how long a change may be missing on disk
  public LastGoodKeeper(
      Disk disk, RoutingTable table, Served served, InstantSource clock, Duration every) {
    this(disk, DocumentReading.DIRECT, table, served, clock, every);
  }

  /// @param documents reads those of virtual services
  /// @param every how long a change may be missing on disk
  public LastGoodKeeper(
      Disk disk,
      DocumentReading documents,
      RoutingTable table,
      Served served,
      InstantSource clock,
      Duration every) {
    this.disk = new PacedDisk(disk);
    this.store = new LastGoodStore(this.disk, documents);
    this.table = table;
    this.served = served;
    this.clock = clock;
    this.every = every;
    this.thread = Thread.ofPlatform().name("last-good").daemon(true).unstarted(this::run);
  }

  /// What to begin with; damage is logged. Before [#start].
  public LastGood load() {
    LastGood found = store.load();
    LastGoodStatus now = status;
    status =
        new LastGoodStatus(
            LastGoodStatus.Begun.of(found), now.saved(), now.failures(), now.lastFailure());
    status.begun().problems().forEach(problem -> LOG.warn("last-good: {}", Legible.text(problem)));
    return found;
  }

  public void start() {
    thread.start();
  }

  public LastGoodStatus status() {
    return status;
  }

  /// Saves what changed since, without rests, and ends.
  @Override
  public void close() {
    disk.hurry();
    synchronized (gate) {
      closed = true;
      gate.notifyAll();
    }
    try {
      if (thread.isAlive() && !thread.join(CLOSE_LIMIT)) {
        LOG.warn("the table was not saved within {}", CLOSE_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (pause()) {
        turn(every.multipliedBy(PERIODS_A_RENEWAL));
      }
    } catch (InterruptedException e) {
      LOG.debug("the keeper of the last good table ends");
    }
    turn(every);
  }

  /// @return false where the end has come
  private boolean pause() throws InterruptedException {
    synchronized (gate) {
      if (!closed) {
        boolean first = status.saved().generation() == 0 && status.failures() == 0;
        long most = first ? Math.min(FIRST_LOOK_MILLIS, every.toMillis()) : every.toMillis();
        TimeUnit.MILLISECONDS.timedWait(gate, most);
      }
      return !closed;
    }
  }

  /// Saves the table where it is complete and not on disk yet.
  ///
  /// @param renewal how much longer it has to be known to be true, where it did not change
  void turn(Duration renewal) {
    // First: what it is asked for is true of this snapshot then, too.
    RoutingSnapshot snapshot = table.current();
    if (!served.complete()) {
      return;
    }
    long asOf = clock.millis() - served.ageMillis();
    LastGoodStatus.Saved before = status.saved();
    if (before.generation() > 0
        && before.version() == snapshot.version()
        && asOf - before.asOfMillis() < renewal.toMillis()) {
      return;
    }
    SaveResult result;
    try {
      result = store.save(snapshot, asOf);
    } catch (RuntimeException e) {
      LOG.error("a bug in saving the table", e);
      result = new SaveResult.NotSaved("a bug: " + e);
    }
    switch (result) {
      case SaveResult.Saved saved -> onSaved(saved, snapshot.version(), asOf);
      case SaveResult.NotSaved(String reason) -> onFailed(Legible.text(reason));
    }
  }

  private void onSaved(SaveResult.Saved saved, long version, long asOf) {
    LastGoodStatus before = status;
    if (!before.lastFailure().isEmpty()) {
      LOG.info("the table is saved again, after {} failures", before.failures());
    }
    saved.leftovers().forEach(leftover -> LOG.debug("last-good: not removed: {}", leftover));
    status =
        new LastGoodStatus(
            before.begun(),
            new LastGoodStatus.Saved(
                saved.generation(), asOf, version, saved.entities(), saved.bytes()),
            before.failures(),
            "");
  }

  private void onFailed(String reason) {
    LastGoodStatus before = status;
    if (before.lastFailure().isEmpty()) {
      LOG.warn("the table was not saved, what was saved before stays: {}", reason);
    }
    status = new LastGoodStatus(before.begun(), before.saved(), before.failures() + 1, reason);
  }
}
