package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.sqlite.FollowedQuery.LogLimits;
import anycast.routing.feed.sqlite.FollowedQuery.Opening;
import anycast.routing.feed.sqlite.FollowedQuery.Row;
import anycast.routing.feed.sqlite.FollowedQuery.RowSink;
import anycast.routing.feed.sqlite.FollowedQuery.Rows;
import anycast.routing.feed.sqlite.FollowedQuery.Wish;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// The producer's rules, without SQL and threads.
final class FollowedQueryTest {
  private static final UUID ID = new UUID(1, 2);
  private static final LogLimits LOG = new LogLimits(10_000, 1 << 20);
  private static final Wish SNAPSHOT = new Wish(-1, false);

  /// A table that a test writes to.
  private static final class TestRows implements Rows {
    final TreeMap<Long, Row> rows = new TreeMap<>();
    List<String> columns = List.of("name", "gen");

    void put(long rowid, String name, long gen) {
      rows.put(rowid, Row.of(rowid, new Object[] {name}, new Object[] {name, gen}));
    }

    @Override
    public List<String> columns() {
      return columns;
    }

    @Override
    public void each(RowSink out) {
      rows.values().forEach(out::row);
    }

    @Override
    public Optional<Row> at(long rowid) {
      return Optional.ofNullable(rows.get(rowid));
    }
  }

  /// A reader that keeps what it gets.
  private static final class TestReader implements FollowedQuery.Reader {
    final List<String> lines = new ArrayList<>();
    int batches;

    /// The last batch, byte for byte.
    String told = "";

    boolean finished;
    boolean full;

    @Override
    public boolean offer(LineBatch batch) {
      if (full) {
        return false;
      }
      batches++;
      told = new String(batch.text(), StandardCharsets.UTF_8);
      List<String> text = told.lines().map(String::strip).toList();
      assertEquals(batch.lines(), text.size());
      lines.addAll(text);
      return true;
    }

    @Override
    public void finish() {
      finished = true;
    }

    void read(Opening opening) {
      try {
        opening.writeTo(line -> lines.add(new String(line, StandardCharsets.UTF_8).strip()));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private final TestRows rows = new TestRows();

  private FollowedQuery begin(LogLimits limits) {
    return FollowedQuery.begin(ID, rows, limits);
  }

  private static TestReader follow(FollowedQuery query, Wish wish) {
    TestReader reader = new TestReader();
    reader.read(query.follow(wish, reader));
    return reader;
  }

  private static TestReader resume(FollowedQuery query, long from) {
    return follow(query, new Wish(from, false));
  }

  @Test
  void refusesAReaderWhoseChangesAreGoneInOneLine() {
    FollowedQuery query = begin(LOG);
    rows.put(1, "a", 0);
    for (int gen = 1; gen <= 600; gen++) {
      rows.put(1, "a", gen);
      query.onTouched(Set.of(1L));
    }
    query.purge();
    TestReader late = resume(query, 98);
    assertEquals(
        List.of("{\"error\":\"subscription already deleted older changes, min change id: 100\"}"),
        late.lines);
    assertTrue(late.finished);
    assertEquals(0, query.readers());
    TestReader just = resume(query, 99);
    assertEquals(501, just.lines.size());
    assertEquals("{\"change\":[\"update\",1,[\"a\",100],100]}", just.lines.getFirst());
    assertFalse(just.finished);
  }

  @Test
  void keepsWhatFiveHundredChangesBackNeedsAndNoMore() {
    FollowedQuery query = begin(LOG);
    query.purge();
    assertEquals(1, query.oldestChangeId());
    for (int gen = 1; gen <= 501; gen++) {
      rows.put(1, "a", gen);
      query.onTouched(Set.of(1L));
    }
    query.purge();
    assertEquals(1, query.oldestChangeId());
    rows.put(1, "a", 502);
    query.onTouched(Set.of(1L));
    assertEquals(1, query.oldestChangeId());
    query.purge();
    assertEquals(2, query.oldestChangeId());
  }

  @Test
  void largeLinesAreKeptByBytesAndNotByCount() {
    FollowedQuery query = begin(new LogLimits(10_000, 100_000));
    for (int gen = 1; gen <= 30; gen++) {
      rows.put(1, "a".repeat(10_000), gen);
      query.onTouched(Set.of(1L));
    }
    assertEquals(30, query.lastChangeId());
    assertEquals(22, query.oldestChangeId());
  }

  @Test
  void tellsInsertsAndUpdatesBeforeDeletesInOneBatch() {
    rows.put(1, "a", 1);
    rows.put(2, "b", 1);
    FollowedQuery query = begin(LOG);
    TestReader reader = follow(query, SNAPSHOT);
    assertEquals(
        List.of(
            "{\"columns\":[\"name\",\"gen\"]}",
            "{\"row\":[1,[\"a\",1]]}",
            "{\"row\":[2,[\"b\",1]]}",
            "{\"eoq\":{\"time\":0.0,\"change_id\":0}}"),
        reader.lines);
    reader.lines.clear();
    rows.rows.remove(1L);
    rows.put(2, "b", 2);
    rows.put(3, "c", 1);
    query.onTouched(List.of(3L, 2L, 1L));
    assertEquals(1, reader.batches);
    assertEquals(
        List.of(
            "{\"change\":[\"update\",2,[\"b\",2],1]}",
            "{\"change\":[\"insert\",3,[\"c\",1],2]}",
            "{\"change\":[\"delete\",1,[\"a\",1],3]}"),
        reader.lines);
    assertEquals(
        List.of(true, true, false),
        reader.told.lines().map(line -> line.endsWith(" ")).toList(),
        "all but the last say that the next one takes effect with them");
  }

  @Test
  void equalRowMakesNoChangeAndWakesNobody() {
    rows.put(1, "a", 1);
    FollowedQuery query = begin(LOG);
    TestReader reader = follow(query, SNAPSHOT);
    query.onTouched(Set.of(1L, 7L));
    assertEquals(0, reader.batches);
    assertEquals(0, query.lastChangeId());
  }

  @Test
  void reusedRowidIsAnotherRowAndItsIdIsNew() {
    rows.put(1, "a", 1);
    FollowedQuery query = begin(LOG);
    TestReader reader = follow(query, new Wish(-1, true));
    rows.put(1, "b", 1);
    query.onTouched(Set.of(1L));
    rows.rows.remove(1L);
    query.onTouched(Set.of(1L));
    rows.put(1, "b", 1);
    query.onTouched(Set.of(1L));
    assertEquals(
        List.of(
            "{\"change\":[\"insert\",2,[\"b\",1],1]}",
            "{\"change\":[\"delete\",1,[\"a\",1],2]}",
            "{\"change\":[\"delete\",2,[\"b\",1],3]}",
            "{\"change\":[\"insert\",3,[\"b\",1],4]}"),
        reader.lines);
  }

  @Test
  void readerThatIsAheadIsTakenAtItsWord() {
    rows.put(1, "a", 1);
    FollowedQuery query = begin(LOG);
    TestReader ahead = resume(query, 900);
    assertEquals(List.of(), ahead.lines);
    rows.put(1, "a", 2);
    query.onTouched(Set.of(1L));
    assertEquals(List.of("{\"change\":[\"update\",1,[\"a\",2],1]}"), ahead.lines);
    assertEquals(List.of(), resume(query, Long.MAX_VALUE).lines);
  }

  @Test
  void zeroIsAWholeSnapshotAlsoOfAKnownQuery() {
    rows.put(1, "a", 1);
    FollowedQuery query = begin(LOG);
    rows.put(1, "a", 2);
    query.onTouched(Set.of(1L));
    List<String> lines = resume(query, 0).lines;
    assertEquals("{\"row\":[1,[\"a\",2]]}", lines.get(1));
    assertTrue(lines.getLast().endsWith("\"change_id\":1}}"));
  }

  @Test
  void readerThatCannotKeepUpIsForgottenAndOthersGoOn() {
    FollowedQuery query = begin(LOG);
    TestReader slow = follow(query, SNAPSHOT);
    TestReader quick = follow(query, SNAPSHOT);
    slow.full = true;
    rows.put(1, "a", 1);
    query.onTouched(Set.of(1L));
    assertEquals(1, query.readers());
    assertEquals(1, quick.batches);
  }

  @Test
  void openingStaysAsItWasWhenTheReaderCame() {
    rows.put(1, "a", 1);
    FollowedQuery query = begin(LOG);
    TestReader reader = new TestReader();
    Opening opening = query.follow(SNAPSHOT, reader);
    rows.put(1, "a", 2);
    rows.put(2, "b", 1);
    query.onTouched(Set.of(1L, 2L));
    TestReader late = new TestReader();
    late.read(opening);
    assertEquals("{\"row\":[1,[\"a\",1]]}", late.lines.get(1));
    assertEquals(3, late.lines.size());
    assertEquals(2, reader.lines.size());
  }

  @Test
  void otherResultThanTheSavedOneIsNotGoneOnWith() {
    rows.put(1, "a", 1);
    FollowedQuery query = begin(LOG);
    SavedQuery saved = query.save("SELECT name, gen FROM apps");
    rows.put(1, "a", 2);
    assertTrue(FollowedQuery.restore(saved, rows, LOG).isEmpty(), "another cell");
    rows.put(1, "b", 1);
    assertTrue(FollowedQuery.restore(saved, rows, LOG).isEmpty(), "another key");
    rows.put(1, "a", 1);
    rows.put(2, "b", 1);
    assertTrue(FollowedQuery.restore(saved, rows, LOG).isEmpty(), "a row more");
    rows.rows.remove(1L);
    assertTrue(FollowedQuery.restore(saved, rows, LOG).isEmpty(), "another row");
    rows.rows.clear();
    assertTrue(FollowedQuery.restore(saved, rows, LOG).isEmpty(), "a row less");
    rows.put(1, "a", 1);
    rows.columns = List.of("name", "generation");
    assertTrue(FollowedQuery.restore(saved, rows, LOG).isEmpty(), "another column");
    rows.columns = List.of("name", "gen");
    assertTrue(FollowedQuery.restore(saved, rows, LOG).isPresent());
  }

  @Test
  void goesOnWithTheSameIdsAfterAnOrderlyStop() {
    rows.put(1, "a", 1);
    rows.put(9, "b", 1);
    FollowedQuery query = begin(LOG);
    rows.put(1, "c", 1);
    rows.put(9, "b", 2);
    query.onTouched(Set.of(1L, 9L));
    SavedQuery saved = query.save("sql");
    FollowedQuery again = FollowedQuery.restore(saved, rows, LOG).orElseThrow();
    assertEquals(ID, again.id());
    TestReader reader = resume(again, 2);
    rows.rows.remove(1L);
    rows.put(2, "d", 1);
    again.onTouched(Set.of(1L, 2L));
    assertEquals(
        List.of(
            "{\"change\":[\"delete\",1,[\"a\",1],3]}",
            "{\"change\":[\"insert\",4,[\"d\",1],4]}",
            "{\"change\":[\"delete\",3,[\"c\",1],5]}"),
        reader.lines);
  }

  /// What a reader has after any resume is what the table holds.
  @Test
  void snapshotAndChangesAreTheTableWhereverAReaderResumes() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      rows.rows.clear();
      FollowedQuery query = begin(LOG);
      TestReader all = follow(query, SNAPSHOT);
      for (int step = 0; step < 60; step++) {
        Set<Long> touched = new HashSet<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          long rowid = random.nextLong(6);
          touched.add(rowid);
          if (random.nextInt(3) == 0) {
            rows.rows.remove(rowid);
          } else {
            rows.put(rowid, "k" + random.nextInt(3), random.nextInt(3));
          }
        }
        query.onTouched(touched);
        if (random.nextInt(10) == 0) {
          query = FollowedQuery.restore(query.save("sql"), rows, LOG).orElseThrow();
          all.read(query.follow(new Wish(query.lastChangeId(), true), all));
        }
      }
      List<String> wanted =
          rows.rows.values().stream()
              .map(row -> new String(row.cells(), StandardCharsets.UTF_8))
              .sorted()
              .toList();
      assertEquals(wanted, mirror(all.lines), "seed " + seed);
      List<String> changes = all.lines.stream().filter(l -> l.contains("change\":")).toList();
      for (long from : LongStream.rangeClosed(1, query.lastChangeId()).toArray()) {
        assertEquals(
            changes.subList((int) from, changes.size()), resume(query, from).lines, "seed " + seed);
      }
    }
  }

  private static List<String> mirror(List<String> lines) {
    TreeMap<Long, String> cells = new TreeMap<>();
    long expected = 1;
    for (String line : lines) {
      String[] parts = line.split("[\\[\\]]");
      if (line.startsWith("{\"change\"")) {
        long id = Long.parseLong(parts[1].split(",")[1]);
        assertEquals(expected++, Long.parseLong(parts[3].substring(1)));
        if (line.contains("delete")) {
          assertEquals("[" + parts[2] + "]", cells.remove(id));
        } else {
          assertEquals(line.contains("insert"), !cells.containsKey(id), line);
          cells.put(id, "[" + parts[2] + "]");
        }
      }
    }
    return cells.values().stream().sorted().toList();
  }
}
