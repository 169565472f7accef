package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.feed.SourceEvent.Kind;
import anycast.routing.model.Entity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Two feeds of one table, against a model that keeps plain maps: whatever the order of snapshots,
/// changes, losses and gaps, readers see what a replay of all that was said would end in.
final class TwoFeedsPropertyTest {
  private static final FeedId[] FEEDS = {new FeedId("a", Table.APPS), new FeedId("b", Table.APPS)};
  private static final FeedLimits UNGUARDED =
      new FeedLimits(
          1,
          Integer.MAX_VALUE,
          FeedLimits.STANDARD.confirm(),
          FeedLimits.STANDARD.silence(),
          FeedLimits.STANDARD.freshness(),
          FeedLimits.STANDARD.auditEvery());

  /// @param generation negative = a cell that cannot be decoded
  record Line(int rowid, int app, int generation) {}

  /// What happens next to one feed.
  sealed interface Step {
    record Snapshot(List<Line> lines, boolean cut) implements Step {}

    record Change(Kind kind, Line line, boolean gap) implements Step {}

    record Lose() implements Step {}

    record Resume() implements Step {}
  }

  record Move(int feed, Step step) {}

  @Provide
  Arbitrary<List<Move>> moves() {
    Arbitrary<Line> line =
        Combinators.combine(
                Arbitraries.integers().between(1, 6),
                Arbitraries.integers().between(1, 4),
                Arbitraries.integers().between(-1, 3))
            .as(Line::new);
    Arbitrary<Step> snapshot =
        Combinators.combine(
                line.list().ofMaxSize(5).uniqueElements(Line::rowid),
                Arbitraries.integers().between(0, 4))
            .as((lines, cut) -> new Step.Snapshot(lines, cut == 0));
    Arbitrary<Step> change =
        Combinators.combine(Arbitraries.of(Kind.class), line, Arbitraries.integers().between(0, 9))
            .as((kind, of, gap) -> new Step.Change(kind, of, gap == 0));
    Arbitrary<Step> step =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(2, snapshot),
            net.jqwik.api.Tuple.of(8, change),
            net.jqwik.api.Tuple.of(1, Arbitraries.of(new Step.Lose(), new Step.Resume())));
    return Combinators.combine(Arbitraries.integers().between(0, 1), step)
        .as(Move::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 1000)
  void readersSeeWhatAReplayEndsIn(@ForAll("moves") List<Move> moves) {
    CoreRig rig = new CoreRig(UNGUARDED, FEEDS);
    Model model = new Model();
    long[] positions = new long[2];
    for (Move move : moves) {
      FeedId feed = FEEDS[move.feed()];
      switch (move.step()) {
        case Step.Snapshot(List<Line> lines, boolean cut) -> {
          rig.tell(feed, new SourceEvent.SnapshotBegun(Table.APPS));
          for (Line line : lines) {
            rig.tell(feed, new SourceEvent.Row(Table.APPS, line.rowid(), cells(line)));
          }
          if (cut) {
            rig.lose(feed);
            model.following[move.feed()] = false;
          } else {
            // a stream of its own each time: rowids mean nothing across snapshots
            String stream = "s" + rig.deltas + ":" + moves.indexOf(move);
            rig.tell(
                feed, new SourceEvent.SnapshotEnded(Table.APPS, new Watermark("src", stream, 0)));
            positions[move.feed()] = 0;
            model.snapshot(move.feed(), lines);
          }
        }
        case Step.Change(Kind kind, Line line, boolean gap) -> {
          long position = positions[move.feed()] + (gap ? 2 : 1);
          rig.change(feed, kind, position, line.rowid(), "app" + line.app(), generation(line));
          if (model.following[move.feed()]) {
            positions[move.feed()] = position;
            if (gap) {
              model.following[move.feed()] = false;
            } else {
              model.change(move.feed(), kind, line);
            }
          }
        }
        case Step.Lose _ -> rig.lose(feed);
        case Step.Resume _ -> rig.tell(feed, new SourceEvent.Resumed(Table.APPS));
      }
      assertEquals(model.seen(), seen(rig.table), () -> "after " + move);
    }
    assertEquals(model.seen(), replayed(rig.changes()));
  }

  private static Cells cells(Line line) {
    return CoreRig.cells("app" + line.app(), generation(line));
  }

  private static Object generation(Line line) {
    return line.generation() < 0 ? "nonsense" : (Object) (long) line.generation();
  }

  private static Map<String, Long> seen(Map<String, Entity> table) {
    Map<String, Long> seen = new TreeMap<>();
    table.forEach((name, entity) -> seen.put(name, entity.generation()));
    return seen;
  }

  /// The ring alone leads to the same table, and each record begins where the one before it ended.
  private static Map<String, Long> replayed(List<ChangeRecord> changes) {
    Map<String, Long> seen = new TreeMap<>();
    for (ChangeRecord change : changes) {
      String name = RowName.of(change.key());
      Long before = change.before() == null ? null : (Long) change.before().generation();
      assertEquals(before, seen.get(name));
      if (change.after() == null) {
        seen.remove(name);
      } else {
        seen.put(name, change.after().generation());
      }
    }
    return seen;
  }

  private static final class Model {
    private record Held(int app, long generation) {}

    final boolean[] following = new boolean[2];

    /// By rowid; null = nothing usable.
    private final List<Map<Integer, Held>> rows = List.of(new HashMap<>(), new HashMap<>());

    /// App to rowid.
    private final List<Map<Integer, Integer>> owners = List.of(new HashMap<>(), new HashMap<>());

    private final Map<Integer, Integer> ownerFeed = new HashMap<>();

    Map<String, Long> seen() {
      Map<String, Long> seen = new TreeMap<>();
      ownerFeed.forEach((app, feed) -> seen.put("app" + app, value(feed, app)));
      return seen;
    }

    private Long value(int feed, int app) {
      Integer rowid = owners.get(feed).get(app);
      return rowid == null ? null : (Long) rows.get(feed).get(rowid).generation();
    }

    private void said(int feed, int app) {
      ownerFeed.put(app, feed);
    }

    private void unsaid(int feed, int app) {
      if (ownerFeed.get(app) == feed) {
        ownerFeed.remove(app);
        if (value(1 - feed, app) != null) {
          ownerFeed.put(app, 1 - feed);
        }
      }
    }

    void change(int feed, Kind kind, Line line) {
      Map<Integer, Held> own = rows.get(feed);
      if (kind == Kind.DELETE) {
        Held was = own.remove(line.rowid());
        release(feed, line.rowid(), was);
      } else if (line.generation() < 0) {
        Integer owner = owners.get(feed).get(line.app());
        if (!own.containsKey(line.rowid())) {
          own.put(line.rowid(), owner == null ? null : own.get(owner));
          if (owner != null) {
            owners.get(feed).put(line.app(), line.rowid());
          }
        }
      } else {
        Held was = own.put(line.rowid(), new Held(line.app(), line.generation()));
        if (was != null && was.app() != line.app()) {
          release(feed, line.rowid(), was);
        }
        owners.get(feed).put(line.app(), line.rowid());
        said(feed, line.app());
      }
    }

    private void release(int feed, int rowid, Held was) {
      if (was != null && owners.get(feed).get(was.app()) == (Integer) rowid) {
        owners.get(feed).remove(was.app());
        unsaid(feed, was.app());
      }
    }

    void snapshot(int feed, List<Line> lines) {
      Map<Integer, Long> before = new LinkedHashMap<>();
      owners.get(feed).keySet().forEach(app -> before.put(app, value(feed, app)));
      rows.get(feed).clear();
      owners.get(feed).clear();
      for (Line line : lines) {
        boolean garbled = line.generation() < 0;
        Long known = garbled ? before.get(line.app()) : (Long) (long) line.generation();
        rows.get(feed).put(line.rowid(), known == null ? null : new Held(line.app(), known));
        if (known != null) {
          owners.get(feed).put(line.app(), line.rowid());
        }
      }
      for (int app : owners.get(feed).keySet()) {
        if (!value(feed, app).equals(before.get(app))) {
          said(feed, app);
        }
      }
      new ArrayList<>(before.keySet())
          .stream().filter(app -> value(feed, app) == null).forEach(app -> unsaid(feed, app));
      following[feed] = true;
    }
  }
}
