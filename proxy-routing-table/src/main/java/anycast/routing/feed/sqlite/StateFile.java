package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A store's database as a file: to back up, to restore, to check.
///
/// A backup may be taken, and a check made, while the store serves; a restore refuses until it is
/// stopped. Edges then find their subscriptions unknown, take a snapshot and keep what it has in
/// common with what they knew.
///
/// **Threading.** One thread at a time; calls block on the disk. **Faults.** What goes wrong is a
/// [StoreException] that says what to do, and leaves the database as it was.
public final class StateFile {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Path database;
  private final InstantSource clock;
  private final Ticker ticker;

  public StateFile(Path database, InstantSource clock, Ticker ticker) {
    this.database = database.toAbsolutePath();
    this.clock = clock;
    this.ticker = ticker;
  }

  /// What a check found.
  ///
  /// @param problems what keeps a store from serving it: pages, schema
  /// @param rows rows that no proxy could decode, by table, key and reason; a store serves them
  /// @param notes what is good to know
  public record Report(List<String> problems, List<String> rows, List<String> notes) {
    public Report {
      problems = List.copyOf(problems);
      rows = List.copyOf(rows);
      notes = List.copyOf(notes);
    }
  }

  /// Names everything that is wrong with the database; changes nothing.
  public Report check() {
    try {
      wantDatabase(database);
      try (Connection connection = StoreConnections.reading(database)) {
        return FileCheck.of(connection);
      }
    } catch (StoreException e) {
      return new Report(List.of(e.getMessage()), List.of(), List.of());
    } catch (SQLException e) {
      return new Report(
          List.of("cannot be opened: " + StoreTrouble.sentence(e)), List.of(), List.of());
    }
  }

  private static void wantDatabase(Path file) throws StoreException {
    if (!Files.isRegularFile(file)) {
      throw new StoreException("there is no file " + file, null);
    }
    try (var in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(MAGIC.length);
      if (!Arrays.equals(head, MAGIC)) {
        throw new StoreException(file + " is not a database", null);
      }
    } catch (IOException e) {
      throw new StoreException(file + " cannot be read: " + e, e);
    }
  }

  /// Writes all that is committed into a file of its own, checked and on disk when this returns.
  ///
  /// @param to must not exist
  /// @return what was done, one sentence
  public String backup(Path to) throws StoreException {
    if (Files.exists(to)) {
      throw new StoreException(to + " exists; a backup overwrites nothing: name another", null);
    }
    wantDatabase(database);
    long startedNanos = ticker.nanos();
    Path partial = sibling(to.toAbsolutePath(), ".partial");
    try {
      Files.deleteIfExists(partial);
      OwnersFile.make(partial);
      try (Connection connection = StoreConnections.reading(database);
          PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
        vacuum.setString(1, partial.toString());
        vacuum.execute();
      }
      Report report;
      String version;
      try (Connection connection = StoreConnections.reading(partial)) {
        report = FileCheck.of(connection);
        version = own(connection).getOrDefault("version", "?");
      }
      if (!report.problems().isEmpty()) {
        throw new StoreException(
            "the backup of " + database + " is unfit: " + String.join("; ", report.problems()),
            null);
      }
      sync(partial);
      Files.move(partial, to.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
      sync(to.toAbsolutePath().getParent());
      return "backup of %s at version %s in %s: %d bytes, %d ms"
          .formatted(
              database,
              version,
              to,
              Files.size(to),
              Duration.ofNanos(ticker.nanos() - startedNanos).toMillis());
    } catch (SQLException e) {
      throw new StoreException(
          "cannot back up %s to %s: %s".formatted(database, to, StoreTrouble.sentence(e)), e);
    } catch (IOException e) {
      throw new StoreException("cannot back up %s to %s: %s".formatted(database, to, e), e);
    } finally {
      deleteQuietly(partial);
    }
  }

  /// Puts a backup in the database's place, in one step, and keeps what was there beside it.
  ///
  /// The store's identity stays and its version goes on growing; followed queries are forgotten, so
  /// that each reader takes a snapshot.
  ///
  /// @return what was done, in sentences
  public List<String> restore(Path from) throws StoreException {
    try (StoreLock _ = lock()) {
      Path fresh = sibling(database, ".restoring");
      try {
        wantComplete(from);
        List<String> said = new ArrayList<>();
        discard(fresh);
        copy(from, fresh);
        prepare(fresh, from, said);
        sync(fresh);
        if (Files.exists(database)) {
          said.add("what was there is kept as " + keep());
        }
        sync(database.getParent());
        Files.move(
            fresh, database, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        // What followed queries were at belongs to what is gone.
        deleteQuietly(subscriptions(database));
        sync(database.getParent());
        said.addFirst(database + " is restored from " + from + "; start its store again");
        return said;
      } catch (SQLException e) {
        throw new StoreException(
            "%s was not restored, nothing was changed: %s"
                .formatted(database, StoreTrouble.sentence(e)),
            e);
      } catch (IOException e) {
        throw new StoreException(
            "%s was not restored, nothing was changed: %s".formatted(database, e), e);
      } finally {
        discard(fresh);
      }
    } catch (IOException e) {
      throw new StoreException(StoreLock.file(database) + " cannot be written: " + e, e);
    }
  }

  /// Who may read the database may read the next one; where there is none, its owner.
  private void copy(Path from, Path fresh) throws IOException {
    OwnersFile.make(fresh);
    if (Files.exists(database)) {
      Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(database));
    }
    try (OutputStream out = Files.newOutputStream(fresh)) {
      Files.copy(from, out);
    }
  }

  private StoreLock lock() throws IOException, StoreException {
    return StoreLock.take(database)
        .orElseThrow(() ->
            new StoreException(
                database
                    + " is served now: stop its store, restore, start it again; nothing was"
                    + " changed",
                null));
  }

  private void wantComplete(Path from) throws StoreException, IOException {
    wantDatabase(from);
    Path log = sibling(from, "-wal");
    if (Files.exists(database) && Files.isSameFile(database, from)) {
      throw new StoreException(from + " is the database itself", null);
    }
    if (Files.exists(log) && Files.size(log) > 0) {
      throw new StoreException(
          "%s is in use or a plain copy: %s holds a part of it; make a `backup` of it first"
              .formatted(from, log),
          null);
    }
  }

  /// Checks the copy and makes it this store's.
  private void prepare(Path fresh, Path from, List<String> said)
      throws SQLException, StoreException, IOException {
    try (Connection connection = StoreConnections.writing(fresh, SyncPolicy.FULL)) {
      Report report = FileCheck.of(connection);
      if (!report.problems().isEmpty()) {
        throw new StoreException(
            "%s is unfit, nothing was changed: %s"
                .formatted(from, String.join("; ", report.problems())),
            null);
      }
      report.rows().forEach(row -> said.add("no proxy can decode " + row));
      Map<String, String> was = Files.exists(database) ? ownOf(database) : Map.of();
      Map<String, String> own = own(connection);
      long version = Math.max(number(was.get("version")), number(own.get("version"))) + 1;
      try (Statement statement = connection.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        Schema.add(connection, Schema.compare(connection));
        for (String name : Schema.internals(connection)) {
          statement.execute("DROP TABLE " + name);
        }
        put(connection, "version", Long.toString(version));
        if (was.containsKey("actor")) {
          put(connection, "actor", was.get("actor"));
        }
        statement.execute("COMMIT");
      }
      said.add(
          "it was at version %s, the replaced one at %s, it goes on from %d"
              .formatted(own.getOrDefault("version", "none"), was.get("version"), version));
      said.add(rows(connection));
    }
    if (Files.exists(sibling(fresh, "-wal"))) {
      throw new IOException(fresh + " could not be completed");
    }
  }

  private static String rows(Connection connection) throws SQLException {
    List<String> counts = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      for (Table table : Table.values()) {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table.label())) {
          rows.next();
          counts.add(table.label() + " " + rows.getLong(1));
        }
      }
    }
    return "rows: " + String.join(", ", counts);
  }

  private static long number(String text) {
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0; // as good as none: the other file's counts
    }
  }

  /// Gives the database a second name; afterwards nothing of it lies in a log of its own.
  private Path keep() throws IOException, SQLException {
    String name = ".before-restore-" + TIME.format(clock.instant());
    Path kept = sibling(database, name);
    for (int i = 2; Files.exists(kept); i++) {
      kept = sibling(database, name + "-" + i);
    }
    boolean complete = complete();
    try {
      Files.createLink(kept, database);
    } catch (UnsupportedOperationException e) {
      Files.copy(database, kept);
    }
    if (!complete) {
      // An old log beside a new file would be applied to it.
      for (String part : List.of("-wal", "-shm", "-journal")) {
        Path old = sibling(database, part);
        if (Files.exists(old)) {
          Files.move(old, sibling(kept, part));
        }
      }
    }
    return kept;
  }

  /// Brings the log into the file and drops it.
  ///
  /// @return false where the file is too corrupt for that
  private boolean complete() throws SQLException {
    try (Connection connection = StoreConnections.writing(database, SyncPolicy.FULL);
        Statement statement = connection.createStatement()) {
      // Leaving the log mode needs the file for oneself: it fails while anybody reads.
      statement.execute("PRAGMA journal_mode = DELETE");
      return true;
    } catch (SQLException e) {
      if (StoreTrouble.of(e) == StoreTrouble.CORRUPT) {
        return false;
      }
      throw e;
    }
  }

  private static Map<String, String> ownOf(Path file) {
    try (Connection connection = StoreConnections.reading(file)) {
      return own(connection);
    } catch (SQLException e) {
      return Map.of(); // what is replaced may be corrupt: often it is why
    }
  }

  /// What the store keeps about itself.
  private static Map<String, String> own(Connection connection) throws SQLException {
    Map<String, String> own = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT name, value FROM " + Schema.OWN)) {
      while (rows.next()) {
        own.put(rows.getString(1), rows.getString(2));
      }
    }
    return own;
  }

  private static void put(Connection connection, String name, String value) throws SQLException {
    try (PreparedStatement put =
        connection.prepareStatement("INSERT OR REPLACE INTO " + Schema.OWN + " VALUES (?, ?)")) {
      put.setString(1, name);
      put.setString(2, value);
      put.execute();
    }
  }

  /// Where a store keeps followed queries over an orderly stop.
  static Path subscriptions(Path database) {
    return sibling(database, "-subscriptions");
  }

  private static Path sibling(Path file, String ending) {
    return file.resolveSibling(file.getFileName() + ending);
  }

  private static void sync(Path fileOrDirectory) throws IOException {
    StandardOpenOption mode =
        Files.isDirectory(fileOrDirectory) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel file = FileChannel.open(fileOrDirectory, mode)) {
      file.force(true);
    }
  }

  private static void discard(Path file) {
    for (String part : List.of("", "-wal", "-shm", "-journal")) {
      deleteQuietly(sibling(file, part));
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // a leftover; the next one tries again
    }
  }
}
