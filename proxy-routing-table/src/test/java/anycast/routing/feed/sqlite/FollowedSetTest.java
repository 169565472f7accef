package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Table;
import anycast.routing.feed.sqlite.FollowedQuery.LogLimits;
import anycast.routing.feed.sqlite.FollowedQuery.Wish;
import anycast.routing.feed.sqlite.Matching.Answer;
import anycast.routing.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is followed over a real file, under a clock of the test's own.
final class FollowedSetTest {
  private static final String SQL = "SELECT name, gen FROM apps";
  private static final Wish SNAPSHOT = new Wish(-1, false);

  @TempDir Path directory;
  private final AtomicLong nanos = new AtomicLong();
  private final TouchedRows touched = new TouchedRows(() -> {}, () -> {});
  private StateStore store;
  private FollowedSet set;

  @BeforeEach
  void open() throws Exception {
    store = StateStore.open(directory.resolve("state.db"), Ticker.system());
    store.onTouched(touched::add);
    set =
        new FollowedSet(
            store, nanos::get, ServedStore.settings().withLog(new LogLimits(10_000, 1 << 20)));
  }

  @AfterEach
  void close() {
    set.close();
    store.close();
  }

  private void write(String sql) throws Exception {
    StateStore.Outcome outcome =
        store.transact(List.of(new SqlStatement(new SqlText(sql), List.of())));
    assertEquals("", outcome.error());
    set.onTouched(touched.take());
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    set.sweep();
  }

  private Answer.Following follow(String sql) {
    return assertInstanceOf(Answer.Following.class, set.onSubscribe(sql, SNAPSHOT));
  }

  private int statusOf(UUID id) {
    return switch (set.onResume(id, new Wish(0, true))) {
      case Answer.Following(UUID found, var hash, var opening, Subscriber subscriber) -> {
        set.onLeave(found, subscriber);
        yield 200;
      }
      case Answer.Refused(int status, String reason) -> status;
    };
  }

  private List<String> resumed(UUID id, long from) throws Exception {
    Answer.Following following =
        assertInstanceOf(Answer.Following.class, set.onResume(id, new Wish(from, false)));
    List<String> lines = new ArrayList<>();
    following
        .opening()
        .writeTo(line -> lines.add(new String(line, StandardCharsets.UTF_8).strip()));
    return lines;
  }

  @Test
  void queryThatSqliteCannotLookAtAgainIsGivenUpAndTheWriterGoesOn() throws Exception {
    Answer.Following broken = follow("SELECT name, abs(gen) FROM apps");
    Answer.Following sound = follow(SQL);
    write("INSERT INTO apps (name, gen) VALUES ('a', -9223372036854775807 - 1)");
    assertNull(broken.subscriber().take());
    assertEquals(404, statusOf(broken.id()));
    assertEquals(1, sound.subscriber().take().lines());
    Answer.Refused again =
        assertInstanceOf(
            Answer.Refused.class, set.onSubscribe("SELECT name, abs(gen) FROM apps", SNAPSHOT));
    assertEquals(400, again.status());
    assertTrue(again.reason().contains("overflow"), again.reason());
  }

  @Test
  void logIsPurgedEveryFiveMinutes() throws Exception {
    Answer.Following following = follow(SQL);
    write("INSERT INTO apps (name) VALUES ('a')");
    for (int gen = 1; gen <= 700; gen++) {
      write("UPDATE apps SET gen = " + gen);
    }
    pass(Duration.ofSeconds(299));
    assertEquals(700, resumed(following.id(), 1).size());
    pass(Duration.ofSeconds(2));
    assertEquals(
        List.of("{\"error\":\"subscription already deleted older changes, min change id: 201\"}"),
        resumed(following.id(), 1));
    assertEquals(501, resumed(following.id(), 200).size());
  }

  @Test
  void queryThatNobodyReadsForTenMinutesIsForgotten() {
    Answer.Following read = follow(SQL);
    Answer.Following left = follow("SELECT name FROM apps");
    pass(Duration.ofMinutes(30));
    set.onLeave(left.id(), left.subscriber());
    pass(Duration.ofMinutes(10));
    assertEquals(200, statusOf(left.id()));
    pass(Duration.ofMinutes(10).plusSeconds(1));
    assertEquals(404, statusOf(left.id()));
    assertEquals(200, statusOf(read.id()));
  }

  @Test
  void keysThatNobodyReadsForThirtySecondsAreForgotten() {
    Answer.Following first = assertInstanceOf(Answer.Following.class, set.onNotices(Table.APPS));
    set.onLeave(first.id(), first.subscriber());
    pass(Duration.ofSeconds(29));
    Answer.Following same = assertInstanceOf(Answer.Following.class, set.onNotices(Table.APPS));
    assertEquals(first.id(), same.id());
    set.onLeave(same.id(), same.subscriber());
    pass(Duration.ofSeconds(31));
    Answer.Following other = assertInstanceOf(Answer.Following.class, set.onNotices(Table.APPS));
    assertTrue(!first.id().equals(other.id()));
  }

  @Test
  void distinctQueriesHaveALimitAndKnownOnesAreStillServed() {
    for (int i = 0; i < 256; i++) {
      follow(SQL + " WHERE gen > " + i);
    }
    Answer.Refused refused = assertInstanceOf(Answer.Refused.class, set.onSubscribe(SQL, SNAPSHOT));
    assertEquals(503, refused.status());
    follow(SQL + " WHERE gen > 0");
  }
}
