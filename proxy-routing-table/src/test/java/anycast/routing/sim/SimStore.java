package anycast.routing.sim;

import java.util.ArrayList;
import java.util.List;

/// One store of state with its write-ahead log: what is committed is visible, what is synced
/// survives a crash.
///
/// Where the disk lies, a sync that was promised did not happen: a crash then goes back behind what
/// was acknowledged, which no reader can prevent and each must survive.
final class SimStore {
  private static final int CHECKPOINT_AFTER = 64;

  private final Chance chance;
  private final boolean syncsLie;
  private Stored checkpoint = new Stored();
  private final List<List<Stored.Write>> log = new ArrayList<>();
  private int synced;
  private Stored now = new Stored();

  SimStore(Chance chance, boolean syncsLie) {
    this.chance = chance;
    this.syncsLie = syncsLie;
  }

  Stored now() {
    return now;
  }

  /// Commits and syncs.
  ///
  /// @param touched gets each write that changed something, with its rowid
  void commit(List<Stored.Write> writes, Touched touched) {
    for (Stored.Write write : writes) {
      long rowid = now.take(write);
      if (rowid >= 0) {
        touched.row(write, rowid);
      }
    }
    log.add(writes);
    if (!syncsLie || chance.oneIn(4)) {
      synced = log.size();
    }
    if (synced == log.size() && log.size() > CHECKPOINT_AFTER) {
      checkpoint = now.copy();
      log.clear();
      synced = 0;
    }
  }

  /// The machine loses power: of what was not synced, a prefix may have reached the disk all the
  /// same.
  ///
  /// @return how many transactions are lost
  int crash() {
    int survived = synced + chance.below(log.size() - synced + 1);
    int lost = log.size() - survived;
    log.subList(survived, log.size()).clear();
    synced = survived;
    if (lost > 0) {
      now = checkpoint.copy();
      log.forEach(writes -> writes.forEach(now::take));
    }
    return lost;
  }

  Stored backup() {
    return now.copy();
  }

  /// The whole content is another one, perhaps an older.
  void restore(Stored backup) {
    checkpoint = backup.copy();
    log.clear();
    synced = 0;
    now = backup.copy();
  }

  /// Hears which rows a commit touched.
  @FunctionalInterface
  interface Touched {
    void row(Stored.Write write, long rowid);
  }
}
