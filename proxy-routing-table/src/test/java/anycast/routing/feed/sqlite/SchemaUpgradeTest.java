package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A database of an older, a newer or no version.
@Timeout(60)
final class SchemaUpgradeTest {
  @TempDir Path directory;

  private Path database() {
    return directory.resolve("state.db");
  }

  private void make() throws Exception {
    StateFileTest.open(database()).close();
  }

  private String refused() {
    return assertThrows(StoreException.class, () -> StateFileTest.open(database())).getMessage();
  }

  private String one(String sql) throws Exception {
    try (StateStore store = StateFileTest.open(database());
        var reader = store.reader();
        var statement = reader.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void databaseOfAnotherApplicationIsRefusedAndLeftAsItIs() throws Exception {
    StateFileTest.raw(database(), "CREATE TABLE apps (name TEXT PRIMARY KEY, colour TEXT)");
    String said = refused();
    assertTrue(said.contains("no store's: it holds apps and no __state"), said);
    assertTrue(said.contains("name another file"), said);
    StateFileTest.raw(database(), "CREATE TABLE hostnames (name TEXT)"); // is not there yet
  }

  @Test
  void columnThatNoRowCouldBeWrittenWithoutIsRefused() throws Exception {
    make();
    StateFileTest.raw(
        database(),
        "DROP TABLE apps",
        "CREATE TABLE apps (name TEXT NOT NULL PRIMARY KEY, gen INTEGER, owner TEXT NOT NULL)");
    assertTrue(refused().contains("apps.owner is unknown, NOT NULL and has no default"), refused());
  }

  @Test
  void anotherKeyOrTypeIsRefusedAndNothingIsAdded() throws Exception {
    make();
    StateFileTest.raw(
        database(),
        "DROP TABLE beats",
        "DROP TABLE apps",
        "CREATE TABLE apps (name TEXT NOT NULL, gen INTEGER, region TEXT, PRIMARY KEY (name,"
            + " region))",
        "DROP TABLE hostnames",
        "CREATE TABLE hostnames (id INTEGER PRIMARY KEY, name TEXT)");
    String said = refused();
    assertTrue(said.contains("column apps.region is unknown and part of the key"), said);
    assertTrue(said.contains("table hostnames has name TEXT, wanted name TEXT key1"), said);
    StateFileTest.raw(database(), "CREATE TABLE beats (node TEXT)"); // is not there yet
  }

  @Test
  void olderDatabaseGetsWhatItLacksAndKeepsItsRows() throws Exception {
    make();
    StateFileTest.raw(
        database(),
        "DROP TABLE app_regions",
        "INSERT INTO beats (node, seq, at_ms) VALUES ('w', 7, 8)",
        "ALTER TABLE beats DROP COLUMN age_ms",
        "INSERT INTO services (app, id) VALUES ('a', 'web')",
        "ALTER TABLE services DROP COLUMN protocol",
        "ALTER TABLE services DROP COLUMN policy",
        "DROP TABLE cordons",
        "DROP TABLE rejects");
    assertEquals("7/8/0", one("SELECT seq || '/' || at_ms || '/' || age_ms FROM beats"));
    assertEquals("http1 {}", one("SELECT protocol || ' ' || policy FROM services"));
    assertEquals("0", one("SELECT count(*) FROM cordons"));
    assertEquals("0", one("SELECT count(*) FROM app_regions"));
    assertEquals("0", one("SELECT count(*) FROM rejects"));
    try (StateStore store = StateFileTest.open(database())) {
      StateFileTest.write(
          store,
          "INSERT OR REPLACE INTO beats (node, seq, at_ms, age_ms) VALUES ('w', 8, 9, 10)",
          "INSERT INTO app_regions (app, node) VALUES ('a', 'w')",
          "INSERT INTO rejects (node, hash, reason) VALUES ('w', 'h', 'r')");
    }
  }

  @Test
  void newerDatabaseIsServedAndKeepsWhatIsUnknown() throws Exception {
    make();
    StateFileTest.raw(
        database(),
        "ALTER TABLE apps ADD COLUMN colour TEXT",
        "ALTER TABLE apps ADD COLUMN size INTEGER NOT NULL DEFAULT 3",
        "CREATE TABLE moods (app TEXT)",
        "INSERT INTO apps (name, colour) VALUES ('a', 'red')",
        "INSERT INTO moods VALUES ('good')");
    try (StateStore store = StateFileTest.open(database())) {
      StateFileTest.write(
          store,
          "INSERT INTO apps (name, gen) VALUES ('a', 2) ON CONFLICT (name) DO UPDATE SET gen ="
              + " excluded.gen");
    }
    assertEquals("a 2 red 3", one("SELECT name||' '||gen||' '||colour||' '||size FROM apps"));
    assertEquals("good", one("SELECT app FROM moods"));
  }
}
