package anycast.routing.feed.sqlite;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sqlite.SQLiteConfig;

/// When a committed transaction reaches the disk.
enum SyncPolicy {
  /// One fsync of the log before transactions are acknowledged; those that wait share it.
  FULL(
      SQLiteConfig.SynchronousMode.FULL,
      "each acknowledged transaction is on disk: neither kill nor power cut loses one"),
  /// The log is synced before a checkpoint only.
  NORMAL(
      SQLiteConfig.SynchronousMode.NORMAL,
      "a kill loses nothing; a power cut may lose the last acknowledged transactions, in order,"
          + " and never corrupts the file"),
  /// Left to the operating system.
  OFF(
      SQLiteConfig.SynchronousMode.OFF,
      "DANGEROUS: a kill loses nothing, but a power cut may lose transactions and corrupt the"
          + " file; for experiments only");

  private final SQLiteConfig.SynchronousMode mode;
  private final String promise;

  SyncPolicy(SQLiteConfig.SynchronousMode mode, String promise) {
    this.mode = mode;
    this.promise = promise;
  }

  SQLiteConfig.SynchronousMode mode() {
    return mode;
  }

  /// What an operator may rely on, one sentence.
  String promise() {
    return promise;
  }

  /// As a flag's value names it.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<SyncPolicy> of(String label) {
    return Arrays.stream(values()).filter(p -> p.label().equals(label)).findFirst();
  }

  static String labels() {
    return Arrays.stream(values()).map(SyncPolicy::label).collect(Collectors.joining("|"));
  }
}
