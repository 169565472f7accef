package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Backup, restore and check of a database file.
@Timeout(120)
final class StateFileTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));

  @TempDir Path directory;

  private Path database() {
    return directory.resolve("state.db");
  }

  private StateFile file() {
    return new StateFile(database(), CLOCK, Ticker.system());
  }

  static void remove(Path database) throws IOException {
    for (String part : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(database.resolveSibling(database.getFileName() + part));
    }
  }

  static StateStore open(Path database) throws StoreException {
    return StateStore.open(database, Ticker.system());
  }

  static SqlStatement sql(String text) throws Exception {
    return SqlStatement.of(JsonNodeFactory.instance.textNode(text));
  }

  static void write(StateStore store, String... statements) throws Exception {
    List<SqlStatement> all = new ArrayList<>();
    for (String statement : statements) {
      all.add(sql(statement));
    }
    assertEquals("", store.transact(all).error());
  }

  private static String one(Path database, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "none";
    }
  }

  static void raw(Path database, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private String refused(Path from) {
    return assertThrows(StoreException.class, () -> file().restore(from)).getMessage();
  }

  /// A store with one app, and a backup of it.
  private Path backup(String app) throws Exception {
    try (StateStore store = open(database())) {
      write(store, "INSERT INTO apps (name) VALUES ('" + app + "')");
    }
    Path backup = directory.resolve(app + ".backup");
    file().backup(backup);
    return backup;
  }

  @Test
  void backupOverwritesNothing() throws Exception {
    Path backup = backup("a");
    byte[] before = Files.readAllBytes(backup);
    String said = assertThrows(StoreException.class, () -> file().backup(backup)).getMessage();
    assertTrue(said.contains("exists"), said);
    assertEquals(before.length, Files.size(backup));
  }

  @Test
  void backupOfNoDatabaseIsRefusedAndLeavesNothing() throws Exception {
    Files.writeString(database(), "no database at all");
    Path to = directory.resolve("to");
    String said = assertThrows(StoreException.class, () -> file().backup(to)).getMessage();
    assertTrue(said.contains("is not a database"), said);
    assertFalse(Files.exists(to));
    assertFalse(Files.exists(directory.resolve("to.partial")));
  }

  @Test
  void backupWhileTheStoreWritesIsOneMomentOfIt() throws Exception {
    try (StateStore store = open(database())) {
      List<CompletableFuture<StateStore.Outcome>> written = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        written.add(
            store.submit(
                List.of(
                    sql("INSERT INTO apps (name) VALUES ('a" + i + "')"),
                    sql("INSERT INTO hostnames (name) VALUES ('a" + i + "')"))));
        if (i == 100) {
          written.getFirst().get();
          file().backup(directory.resolve("b"));
        }
      }
      for (var one : written) {
        assertEquals("", one.get().error());
      }
    }
    Path backup = directory.resolve("b");
    String apps = one(backup, "SELECT count(*) FROM apps");
    assertTrue(Integer.parseInt(apps) >= 1, apps);
    assertEquals(apps, one(backup, "SELECT count(*) FROM hostnames"));
    assertEquals(apps, one(backup, "SELECT value FROM __state WHERE name = 'version'"));
  }

  @Test
  void whoMayReadTheDatabaseMayReadWhatIsRestoredAndNobodyElse() throws Exception {
    Path backup = backup("a");
    assertEquals("rw-------", permissions(backup));
    assertEquals("rw-------", permissions(database()));
    Files.setPosixFilePermissions(database(), PosixFilePermissions.fromString("rw-r-----"));
    file().restore(backup);
    assertEquals("rw-r-----", permissions(database()));
    Files.delete(database());
    file().restore(backup);
    assertEquals("rw-------", permissions(database()));
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void restoreRefusesWhileAStoreServes() throws Exception {
    Path backup = backup("a");
    try (StateStore store = open(database())) {
      String said = refused(backup);
      assertTrue(said.contains("is served now: stop its store"), said);
      write(store, "INSERT INTO apps (name) VALUES ('b')");
    }
    assertEquals("2", one(database(), "SELECT count(*) FROM apps"));
  }

  @Test
  void restoreRefusesWhatIsUnfitAndChangesNothing() throws Exception {
    Path good = backup("a");
    Path text = Files.writeString(directory.resolve("text"), "not even nearly");
    assertTrue(refused(text).contains("is not a database"));
    assertTrue(refused(directory.resolve("missing")).contains("there is no file"));
    assertTrue(refused(database()).contains("is the database itself"));

    Path foreign = directory.resolve("foreign");
    raw(foreign, "CREATE TABLE notes (text TEXT)");
    assertTrue(refused(foreign).contains("but no store's: it holds notes"), refused(foreign));

    Path newer = Files.copy(good, directory.resolve("newer"));
    raw(newer, "DROP TABLE apps", "CREATE TABLE apps (name TEXT PRIMARY KEY, gen TEXT)");
    assertTrue(refused(newer).contains("table apps has gen TEXT, wanted gen INTEGER"));

    Path corrupt = Files.copy(good, directory.resolve("corrupt"));
    try (RandomAccessFile bytes = new RandomAccessFile(corrupt.toFile(), "rw")) {
      bytes.seek(4096 * 2);
      bytes.write(new byte[4096]);
    }
    assertTrue(refused(corrupt).contains("corrupt: "), refused(corrupt));

    Path half = Files.copy(good, directory.resolve("half"));
    Files.writeString(directory.resolve("half-wal"), "the rest");
    assertTrue(refused(half).contains("make a `backup` of it first"));

    assertEquals("1", one(database(), "SELECT count(*) FROM apps"));
    assertFalse(Files.exists(directory.resolve("state.db.restoring")));
    try (var files = Files.list(directory)) {
      assertTrue(files.noneMatch(f -> f.toString().contains("before-restore")));
    }
  }

  @Test
  void restoreGoesBackInTimeButNotInVersions() throws Exception {
    Path backup = backup("old");
    String actor;
    try (StateStore store = open(database())) {
      actor = store.actor();
      for (int i = 0; i < 5; i++) {
        write(store, "INSERT INTO apps (name) VALUES ('new" + i + "')");
      }
    }
    raw(database(), "CREATE TABLE __saved (id TEXT)");
    Files.writeString(directory.resolve("state.db-subscriptions"), "what was followed");
    raw(
        backup,
        "CREATE TABLE __saved (id TEXT)",
        "UPDATE __state SET value='x' WHERE name='actor'");

    List<String> said = file().restore(backup);

    assertTrue(
        said.contains("it was at version 1, the replaced one at 6, it goes on from 7"), "" + said);
    assertEquals("old", one(database(), "SELECT group_concat(name) FROM apps"));
    assertEquals("none", one(database(), "SELECT name FROM sqlite_schema WHERE name = '__saved'"));
    assertFalse(Files.exists(directory.resolve("state.db-subscriptions")));
    Path kept = directory.resolve("state.db.before-restore-20260102T030405Z");
    assertEquals("6", one(kept, "SELECT count(*) FROM apps"));
    try (StateStore store = open(database())) {
      assertEquals(actor, store.actor());
      var outcome = store.transact(List.of(sql("INSERT INTO apps (name) VALUES ('later')")));
      assertEquals(8, outcome.version().getAsLong());
    }
    assertTrue(file().restore(backup).toString().contains("20260102T030405Z-2"));
  }

  @Test
  void restoreKeepsWhatAKilledStoreHadOnlyInItsLog() throws Exception {
    Path backup = backup("old");
    try (StateStore store = open(database())) {
      write(store, "INSERT INTO apps (name) VALUES ('logged')");
      Path killed = directory.resolve("killed.db");
      Files.copy(database(), killed);
      Files.copy(directory.resolve("state.db-wal"), directory.resolve("killed.db-wal"));
    }
    StateFile killed = new StateFile(directory.resolve("killed.db"), CLOCK, Ticker.system());
    killed.restore(backup);
    Path kept = directory.resolve("killed.db.before-restore-20260102T030405Z");
    assertEquals("2", one(kept, "SELECT count(*) FROM apps"));
    assertFalse(Files.exists(directory.resolve("killed.db-wal")));
    assertEquals("1", one(directory.resolve("killed.db"), "SELECT count(*) FROM apps"));
  }

  @Test
  void restoreRefusesWhileSomebodyReadsTheFile() throws Exception {
    Path backup = backup("a");
    try (Connection reader = StoreConnections.reading(database());
        var statement = reader.createStatement();
        var rows = statement.executeQuery("SELECT name FROM apps")) {
      assertTrue(rows.next());
      assertTrue(refused(backup).contains("nothing was changed"), refused(backup));
    }
    file().restore(backup);
  }

  @Test
  void restoreReplacesACorruptFile() throws Exception {
    Path backup = backup("a");
    Files.writeString(database(), "overwritten by somebody");
    Files.writeString(directory.resolve("state.db-wal"), "so was this");
    file().restore(backup);
    assertEquals("1", one(database(), "SELECT count(*) FROM apps"));
    Path kept = directory.resolve("state.db.before-restore-20260102T030405Z");
    assertEquals("overwritten by somebody", Files.readString(kept));
    assertFalse(Files.exists(directory.resolve("state.db-wal")));
  }

  @Test
  void checkNamesEveryProblem() throws Exception {
    backup("a");
    assertEquals(List.of(), file().check().problems());
    raw(
        database(),
        "INSERT INTO instances (node, id, app, region, address, port) VALUES"
            + " ('w', 'good', 'a', 'fra', '127.0.0.1', 80), ('w', 'bad', 'a', 'fra', '', 80),"
            + " ('w', 'worse', 'a', 'fra', '127.0.0.1', 99999)",
        "UPDATE instances SET labels = '{' WHERE id = 'good'",
        "INSERT INTO certificates (name) VALUES ('hollow')",
        "DROP TABLE app_regions",
        "ALTER TABLE apps ADD COLUMN colour TEXT",
        "DROP TABLE hostnames",
        "CREATE TABLE hostnames (name TEXT NOT NULL PRIMARY KEY, app INTEGER, gen INTEGER,"
            + " owner TEXT NOT NULL)");
    StateFile.Report schema = file().check();
    assertEquals(
        List.of(
            "schema: table hostnames has app INTEGER, wanted app TEXT",
            "schema: column hostnames.owner is unknown, NOT NULL and has no default: no row could"
                + " be written"),
        schema.problems());
    assertTrue(schema.notes().contains("schema: column apps.colour is unknown and ignored"));
    assertTrue(schema.notes().contains("schema: lacks table app_regions, added at the next start"));

    raw(database(), "DROP TABLE hostnames");
    StateFile.Report rows = file().check();
    assertEquals(List.of(), rows.problems());
    assertEquals(4, rows.rows().size(), "" + rows.rows());
    assertTrue(rows.rows().contains("instances w/bad: address is empty"), "" + rows.rows());
    assertTrue(rows.rows().contains("certificates hollow: chain is empty"), "" + rows.rows());
    assertTrue(rows.notes().contains("instances: 3 rows, 3 unfit"), "" + rows.notes());
  }

  @Test
  void checkNamesCorruptPages() throws Exception {
    backup("a");
    try (RandomAccessFile bytes = new RandomAccessFile(database().toFile(), "rw")) {
      bytes.seek(4096 * 2);
      bytes.write(new byte[4096]);
    }
    List<String> problems = file().check().problems();
    assertTrue(problems.stream().anyMatch(p -> p.startsWith("corrupt: ")), "" + problems);
    Files.write(database(), "text".getBytes(), java.nio.file.StandardOpenOption.TRUNCATE_EXISTING);
    assertEquals(List.of(database() + " is not a database"), file().check().problems());
    Files.delete(database());
    assertEquals(List.of("there is no file " + database()), file().check().problems());
  }

  /// The commands, from outside, with the exit codes that scripts go by.
  @Test
  void commandsSayWhatTheyDidAndEndWithItsCode() throws Exception {
    Path backup = directory.resolve("backup");
    String at = database().toString();
    String usage = StoreProcess.run(directory, 2, "restore", "--database", at, "--to", "x");
    assertTrue(usage.contains("unknown flag --to"), usage);
    assertTrue(usage.contains("--from is missing"), usage);
    assertTrue(StoreProcess.run(directory, 2, "reseed").contains("unknown command reseed"));
    try (StoreProcess store = StoreProcess.serving(directory, database())) {
      String saved =
          StoreProcess.run(directory, 0, "backup", "--database", at, "--to", backup.toString());
      assertTrue(saved.contains("at version 0"), saved);
      String served =
          StoreProcess.run(directory, 1, "restore", "--database", at, "--from", backup.toString());
      assertTrue(served.contains("is served now"), served);
      String well = StoreProcess.run(directory, 0, "check", "--database", at);
      assertTrue(well.contains("nothing is wrong"), well);
      store.terminate();
    }
    String restored =
        StoreProcess.run(directory, 0, "restore", "--database", at, "--from", backup.toString());
    assertTrue(restored.contains("start its store again"), restored);
    Files.copy(
        Files.writeString(directory.resolve("text"), "text"),
        database(),
        StandardCopyOption.REPLACE_EXISTING);
    String bad = StoreProcess.run(directory, 1, "check", "--database", at);
    assertTrue(bad.contains("PROBLEM " + at + " is not a database"), bad);
  }
}
