package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Subscriptions outlive an orderly stop, and nothing else.
@Timeout(120)
final class SubscriptionRestartTest {
  private static final String SQL = "SELECT name, gen FROM apps WHERE gen < 100";

  @TempDir Path directory;
  private Path database;
  private Path subscriptions;

  @BeforeEach
  void name() {
    database = directory.resolve("state.db");
    subscriptions = directory.resolve("state.db-subscriptions");
  }

  private ServedStore serve() throws Exception {
    return new ServedStore(
        database,
        ServedStore.settings()
            .withSubscriptionsFile(Optional.of(subscriptions))
            .withGather(Duration.ofMillis(1)));
  }

  /// Two rows and two changes, then an orderly stop.
  private String followedThenStopped() throws Exception {
    try (ServedStore served = serve()) {
      served.write("INSERT INTO apps (name, gen) VALUES ('a', 1), ('b', 1)");
      try (ServedStore.Follow follow = served.follow(SQL)) {
        follow.skip(4);
        served.write("UPDATE apps SET gen = 2 WHERE name = 'a'");
        follow.next();
        served.write("DELETE FROM apps WHERE name = 'b'");
        follow.next();
        return follow.id();
      }
    }
  }

  private void assertUnknown(String id) throws Exception {
    try (ServedStore served = serve();
        ServedStore.Follow unknown = served.resume(id + "?from=1");
        ServedStore.Follow anew = served.follow(SQL)) {
      assertEquals(404, unknown.status());
      assertEquals(200, anew.status());
      assertFalse(anew.id().equals(id));
    }
  }

  @Test
  void crashLeavesNothingToGoOnWith() throws Exception {
    Path kept = directory.resolve("kept");
    String id;
    try (ServedStore served = serve();
        ServedStore.Follow follow = served.follow(SQL)) {
      id = follow.id();
      served.write("INSERT INTO apps (name) VALUES ('a')");
      assertFalse(Files.exists(subscriptions));
      // what a crash leaves: the files as they are now
      Files.createDirectory(kept);
      for (String part : new String[] {"state.db", "state.db-wal"}) {
        Files.copy(directory.resolve(part), kept.resolve(part));
      }
    }
    Files.delete(subscriptions);
    for (String part : new String[] {"state.db", "state.db-wal"}) {
      Files.copy(kept.resolve(part), directory.resolve(part), StandardCopyOption.REPLACE_EXISTING);
    }
    assertUnknown(id);
  }

  @Test
  void crashAfterARestartLeavesNothingEither() throws Exception {
    String id = followedThenStopped();
    assertTrue(Files.exists(subscriptions));
    try (ServedStore served = serve()) {
      assertFalse(Files.exists(subscriptions), "it is gone before it is used");
      assertEquals(200, served.resume(id + "?from=2").status());
    }
  }

  @Test
  void damagedFileIsNotTrusted() throws Exception {
    String id = followedThenStopped();
    byte[] bytes = Files.readAllBytes(subscriptions);
    bytes[bytes.length / 2] ^= 1;
    Files.write(subscriptions, bytes);
    assertUnknown(id);
  }

  @Test
  void anotherWriterMakesItVoid() throws Exception {
    String id = followedThenStopped();
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = other.createStatement()) {
      statement.execute("UPDATE apps SET gen = 50");
    }
    assertUnknown(id);
  }

  @Test
  void restoredOlderDatabaseMakesItVoid() throws Exception {
    String id = followedThenStopped();
    Path backup = directory.resolve("backup");
    Files.copy(database, backup);
    Path saved = directory.resolve("saved");
    try (ServedStore served = serve();
        ServedStore.Follow follow = served.resume(id + "?from=2")) {
      served.write("INSERT INTO apps (name, gen) VALUES ('c', 1)");
      follow.next();
    }
    Files.copy(subscriptions, saved);
    Files.copy(backup, database, StandardCopyOption.REPLACE_EXISTING);
    assertUnknown(id);
  }

  @Test
  void sameContentWithAnotherHistoryMakesItVoid() throws Exception {
    String id = followedThenStopped();
    Path saved = directory.resolve("saved");
    Files.copy(subscriptions, saved);
    try (ServedStore served = serve()) {
      served.write("INSERT INTO apps (name, gen) VALUES ('c', 1)");
      served.write("DELETE FROM apps WHERE name = 'c'");
    }
    // an unlinking that did not reach the disk
    Files.copy(saved, subscriptions, StandardCopyOption.REPLACE_EXISTING);
    assertUnknown(id);
  }

  @Test
  void goesOnAfterAnOrderlyStopWithTheSameIds() throws Exception {
    String id = followedThenStopped();
    try (ServedStore served = serve();
        ServedStore.Follow behind = served.resume(id + "?from=1");
        ServedStore.Follow level = served.resume(id + "?from=2");
        ServedStore.Follow anew = served.follow(SQL)) {
      assertEquals("{\"change\":[\"delete\",2,[\"b\",1],2]}", behind.next());
      assertEquals(id, anew.id());
      anew.skip(1);
      assertEquals("{\"row\":[1,[\"a\",2]]}", anew.next());
      assertTrue(anew.next().endsWith("\"change_id\":2}}"));
      served.write("INSERT INTO apps (name, gen) VALUES ('b', 1)");
      for (ServedStore.Follow each : new ServedStore.Follow[] {behind, level, anew}) {
        assertEquals("{\"change\":[\"insert\",3,[\"b\",1],3]}", each.next());
      }
    }
  }

  @Test
  void changesThatNobodyWasToldBeforeTheStopAreInTheLog() throws Exception {
    String id;
    ServerSettings slow =
        ServedStore.settings()
            .withSubscriptionsFile(Optional.of(subscriptions))
            .withGather(Duration.ofSeconds(60));
    try (ServedStore served = new ServedStore(database, slow)) {
      try (ServedStore.Follow follow = served.follow(SQL)) {
        id = follow.id();
      }
      served.write("INSERT INTO apps (name, gen) VALUES ('a', 1)");
      served.write("INSERT INTO apps (name, gen) VALUES ('b', 1)");
    }
    try (ServedStore served = serve();
        ServedStore.Follow again = served.resume(id + "?from=1")) {
      assertEquals("{\"change\":[\"insert\",2,[\"b\",1],2]}", again.next());
    }
  }
}
