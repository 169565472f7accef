package anycast.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Instance;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotShelfTest {
  private static final long HOUR_MILLIS = 60 * 60_000;
  private static final long PLENTY = 1 << 30;

  private final SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);
  private RoutingSnapshot snapshot = builder.empty();
  private long generation;

  @Test
  void versionThatIsNotKeptIsNull() {
    SnapshotShelf shelf = new SnapshotShelf();

    assertNull(shelf.at(0));
    assertEquals(List.of(), shelf.kept());
    shelf.offer(next(1), 0);
    assertNull(shelf.at(2));
    assertSame(snapshot, shelf.at(1).snapshot());
  }

  @Test
  void newestAreKeptHoweverFastTheyCome() {
    SnapshotShelf shelf = new SnapshotShelf(new SnapshotShelf.Bounds(16, PLENTY));
    for (int i = 0; i < 1000; i++) {
      shelf.offer(next(1), 5000 + i / 100);
    }

    List<Long> versions = shelf.kept().stream().map(SnapshotShelf.Kept::version).toList();
    List<Long> expected = new ArrayList<>(List.of(1L));
    for (long version = 985; version <= 1000; version++) {
      expected.add(version);
    }
    assertEquals(expected, versions, "the first of the ten seconds, and sixteen");
  }

  @Test
  void olderOnesAreSpacedAndOldestGo() {
    SnapshotShelf shelf = new SnapshotShelf(new SnapshotShelf.Bounds(16, PLENTY));
    long now = 0;
    for (; now <= 3 * HOUR_MILLIS; now += 1000) {
      shelf.offer(next(1), now);
    }
    now -= 1000;

    List<SnapshotShelf.Kept> kept = shelf.kept();
    assertTrue(kept.size() <= 16 + 60 + 121, () -> kept.size() + " are kept");
    assertTrue(now - kept.getFirst().atMillis() >= 2 * HOUR_MILLIS - 60_000);
    assertTrue(now - kept.getFirst().atMillis() <= 2 * HOUR_MILLIS);
    for (int i = 1; i < kept.size(); i++) {
      long gap = kept.get(i).atMillis() - kept.get(i - 1).atMillis();
      long age = now - kept.get(i - 1).atMillis();
      assertTrue(gap <= (age > 10 * 60_000 ? 60_000 : 10_000), gap + " ms apart, " + age + " old");
    }
  }

  @Test
  void stormShortensHistoryToItsBudget() {
    SnapshotShelf shelf = new SnapshotShelf(new SnapshotShelf.Bounds(16, 1200 * 100));
    for (int i = 0; i < 1000; i++) {
      shelf.offer(next(50), i * 1000L);
    }

    assertTrue(shelf.kept().size() >= 2, () -> shelf.kept().toString());
    assertTrue(
        snapshot.changes() - shelf.kept().getFirst().snapshot().changes() <= 100 + 50 * 10,
        () -> shelf.kept().toString());
    shelf.offer(next(1000), 1_000_000);
    assertSame(snapshot, shelf.kept().getLast().snapshot(), "the newest is always there");
  }

  @Test
  void clockThatJumpsLosesNothingButSpacing() {
    SnapshotShelf shelf = new SnapshotShelf(new SnapshotShelf.Bounds(16, PLENTY));
    shelf.offer(next(1), 10 * HOUR_MILLIS);
    shelf.offer(next(1), 0);
    shelf.offer(next(1), 20 * HOUR_MILLIS);

    assertEquals(
        List.of(1L, 2L, 3L), shelf.kept().stream().map(SnapshotShelf.Kept::version).toList());
  }

  /// The next version, so many changes later.
  private RoutingSnapshot next(int changes) {
    List<Instance> rows = new ArrayList<>();
    for (int i = 0; i < changes; i++) {
      rows.add(Rows.instance("i" + i, "a", "n", Instance.State.STARTED, ++generation));
    }
    snapshot = builder.apply(snapshot, Rows.puts(rows.toArray(Instance[]::new)));
    return snapshot;
  }
}
