package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.NodeId;
import anycast.routing.table.Delta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Rows of `rejects` as a follower takes them in, hostile ones too.
final class RejectRowsTest {
  private static final FeedId REJECTS = new FeedId("one", Table.REJECTS);
  private static final String HASH = "00112233445566778899aabbccddeeff";

  private final List<String> told = new ArrayList<>();
  private final List<Delta> deltas = new ArrayList<>();
  private boolean fails;

  private final FeedCore core =
      new FeedCore(
          List.of(CoreRig.APPS, REJECTS),
          FeedLimits.STANDARD,
          new Publication() {
            @Override
            public Published publish(Delta delta) {
              deltas.add(delta);
              return Published.whole(deltas.size());
            }

            @Override
            public void onReject(Decoded.Reject reject, boolean stands) {
              told.add((stands ? "+" : "-") + reject.node() + " " + reject.hash());
              if (fails) {
                throw new IllegalStateException("a bug");
              }
            }
          },
          new Nobody(),
          new SplittableRandom(1),
          now(0));

  private static Moment now(long seconds) {
    return new Moment(Duration.ofSeconds(seconds).toNanos(), seconds * 1_000);
  }

  /// Is asked for nothing that a test waits for.
  private static final class Nobody implements Requests {
    @Override
    public void resnapshot(FeedId feed) {
      throw new AssertionError(feed + " is read anew");
    }

    @Override
    public void reopen(String source) {
      throw new AssertionError(source + " is opened anew");
    }

    @Override
    public void audit() {}
  }

  private static List<Object> row(String node, String hash, String reason) {
    return List.of(node, hash, "virtual_services", "shop", "compile", reason, 5L, 6L);
  }

  private static Decoded decode(List<Object> cells) {
    return RowCodec.decode(Table.REJECTS, new Cells.Values(cells));
  }

  private void tell(SourceEvent... events) {
    List<Arrival> batch = new ArrayList<>();
    for (SourceEvent event : events) {
      batch.add(new Arrival(REJECTS, event));
    }
    core.onEvents(batch, now(1));
  }

  private void snapshot(List<List<Object>> rows) {
    tell(new SourceEvent.SnapshotBegun(Table.REJECTS));
    for (int i = 0; i < rows.size(); i++) {
      tell(new SourceEvent.Row(Table.REJECTS, i + 1, new Cells.Values(rows.get(i))));
    }
    tell(new SourceEvent.SnapshotEnded(Table.REJECTS, new Watermark("src", "s", 0)));
  }

  private void change(SourceEvent.Kind kind, long position, long rowid, List<Object> cells) {
    tell(new SourceEvent.Changed(Table.REJECTS, kind, rowid, new Cells.Values(cells), position));
  }

  private FeedStatus.TableStatus status() {
    return core.status(now(2)).tables().stream()
        .filter(table -> table.feed().equals(REJECTS))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRowSaysTheSameBothWays() {
    RejectRow row =
        new RejectRow(
            new NodeId("w1"), HASH, "virtual_services", "shop", "compile", "it hangs", 5, 6);
    assertEquals(row("w1", HASH, "it hangs"), RowCodec.encode(row));
    assertEquals(Optional.of(row), RowCodec.reject(RowCodec.encode(row)));
    assertEquals(new Decoded.Reject(new NodeId("w1"), HASH, 5), decode(RowCodec.encode(row)));
  }

  @Test
  void whatNobodyCouldMeanIsNamedAndNotUsed() {
    for (String hash :
        List.of(
            "", "zz", HASH + "0", HASH.toUpperCase(java.util.Locale.ROOT), "0".repeat(1 << 20))) {
      Decoded.Undecodable no =
          assertInstanceOf(Decoded.Undecodable.class, decode(row("w1", hash, "r")));
      assertEquals("hash wants 32 hexadecimal digits", no.reason());
      assertEquals(Optional.empty(), RowCodec.reject(row("w1", hash, "r")));
    }
    assertUndecodable("reason wants at most 1000 characters", row("w1", HASH, "x".repeat(1_001)));
    assertUndecodable("reason wants at most 1000", row("w1", HASH, "x".repeat(5 << 20)));
    assertUndecodable("", row("", HASH, "r"));
    assertUndecodable("wants 8 cells, got 2", List.of("w1", HASH));
    assertUndecodable(
        "at_ms wants a whole number", List.of("w1", HASH, "t", "k", "s", "r", "", 1L));
    assertUndecodable(
        "entry_key wants", List.of("w1", HASH, "t", "k".repeat(601), "s", "r", 1L, 1L));
  }

  private static void assertUndecodable(String reason, List<Object> cells) {
    Decoded.Undecodable no = assertInstanceOf(Decoded.Undecodable.class, decode(cells));
    assertTrue(no.reason().contains(reason), no.reason());
  }

  @Test
  void aStageOfANewerVersionIsAWordLikeOthers() {
    List<Object> cells = List.of("w1", HASH, "moods", "k", "digest", "r", 1L, 1L);
    assertEquals("digest", RowCodec.reject(cells).orElseThrow().stage());
  }

  @Test
  void comingAndGoingIsToldAtOnceAndIsNoPartOfTheTable() {
    snapshot(List.of(row("w1", HASH, "r")));
    assertEquals(List.of("+w1 " + HASH), told);
    change(SourceEvent.Kind.INSERT, 1, 2, row("w2", HASH, "r"));
    change(SourceEvent.Kind.DELETE, 2, 1, row("w1", HASH, "r"));
    assertEquals(List.of("+w1 " + HASH, "+w2 " + HASH, "-w1 " + HASH), told);
    assertEquals(List.of(), deltas);
  }

  @Test
  void aNewSnapshotTellsOnlyWhatDiffers() {
    snapshot(List.of(row("w1", HASH, "r"), row("w2", HASH, "r")));
    told.clear();
    tell(new SourceEvent.Lost(Table.REJECTS, "the test says so"));
    snapshot(List.of(row("w2", HASH, "another reason is no change for who routes")));
    assertEquals(List.of("-w1 " + HASH), told);
  }

  @Test
  void aListenerInErrorCostsNeitherTheFeedNorTheOthers() {
    fails = true;
    snapshot(List.of(row("w1", HASH, "r"), row("w2", HASH, "r")));
    assertEquals(2, told.size());
    assertTrue(status().connected());
    assertEquals(2, status().rows());
  }

  @Test
  void aRowThatIsSpoiltKeepsWhatItSaidBefore() {
    snapshot(List.of(row("w1", HASH, "r")));
    change(SourceEvent.Kind.UPDATE, 1, 1, row("w1", HASH, "x".repeat(2_000)));
    assertEquals(List.of("+w1 " + HASH), told);
    assertEquals(1, status().skipped());
  }

  @Test
  void allMayGoAtOnce() {
    List<List<Object>> many = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      many.add(row("w" + i, HASH, "r"));
    }
    snapshot(many);
    told.clear();
    tell(new SourceEvent.Lost(Table.REJECTS, "the test says so"));
    snapshot(List.of());
    assertEquals(500, told.size());
    assertEquals(0, status().rows());
  }

  @Test
  void aHundredThousandReasonsAreNotKept() {
    String reason = "r".repeat(RejectRow.MAX_REASON);
    tell(new SourceEvent.SnapshotBegun(Table.REJECTS));
    for (int i = 0; i < 100_000; i++) {
      // a reason of its own each, as from a wire
      List<Object> cells = row("nobody" + i % 1_000, "%032x".formatted(i), new String(reason));
      tell(new SourceEvent.Row(Table.REJECTS, i + 1, new Cells.Values(cells)));
    }
    tell(new SourceEvent.SnapshotEnded(Table.REJECTS, new Watermark("src", "s", 0)));
    assertEquals(100_000, status().rows());
    assertEquals(100_000, told.size());
    assertEquals(List.of(), deltas);
    assertFalse(status().skipped() > 0);
    assertNotNull(core.changes());
  }
}
