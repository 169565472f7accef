package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RejectPaceTest {
  private static final long ROUND = RejectPace.ROUND.toNanos();
  private static final long SECOND = 1_000_000_000L;

  private final RejectPace pace = new RejectPace();

  private static RejectRow row(int number) {
    return row(number, "it does not end");
  }

  private static RejectRow row(int number, String reason) {
    return new RejectRow(
        new NodeId("w1"),
        "%032x".formatted(number),
        "virtual_services",
        "shop" + number,
        "compile",
        reason,
        number,
        number);
  }

  /// From the higher number to the lower one: the newest first.
  private static List<RejectRow> rows(int from, int to) {
    List<RejectRow> rows = new ArrayList<>();
    for (int i = from; i >= to; i--) {
      rows.add(row(i));
    }
    return rows;
  }

  @Test
  void whatAProcessBeginsWithIsTakenWhole() {
    assertEquals(rows(200, 1), pace.due(rows(200, 1), 0));
  }

  @Test
  void nothingIsWrittenWhileNothingChanges() {
    List<RejectRow> first = pace.due(rows(3, 1), 0);
    for (int i = 1; i < 100; i++) {
      assertSame(first, pace.due(rows(3, 1), i * SECOND));
    }
  }

  @Test
  void aChangeWaitsForItsRound() {
    List<RejectRow> first = pace.due(rows(3, 1), 0);
    assertSame(first, pace.due(rows(4, 1), ROUND - 1));
    assertEquals(rows(4, 1), pace.due(rows(4, 1), ROUND));
  }

  @Test
  void theFirstChangeAfterARestGoesAtOnce() {
    pace.due(rows(3, 1), 0);
    assertEquals(rows(4, 1), pace.due(rows(4, 1), 7 * ROUND + 1));
  }

  @Test
  void aChangeThatIsTakenBackInTimeIsNeverTold() {
    List<RejectRow> first = pace.due(rows(3, 1), 0);
    pace.due(rows(4, 1), SECOND);
    assertEquals(first, pace.due(rows(3, 1), 2 * SECOND));
    assertEquals(first, pace.due(rows(3, 1), ROUND + SECOND));
  }

  @Test
  void noMinuteSeesMoreThanItsShareOfRows() {
    pace.due(List.of(), 0);
    Set<RejectRow> told = new HashSet<>();
    int changes = 0;
    // all rows are others every second, as of a node that quarantines and expires without end
    for (int second = 1; second <= 60; second++) {
      List<RejectRow> due = pace.due(rows(second * 1000 + 200, second * 1000), second * SECOND);
      for (RejectRow row : due) {
        changes += told.add(row) ? 1 : 0;
      }
    }
    assertTrue(changes > 0 && changes <= 6 * RejectPace.ROUND_ROWS, changes + " rows");
  }

  @Test
  void whatIsLeftOfARoundComesInTheNextOnes() {
    pace.due(List.of(), 0);
    List<RejectRow> wanted = rows(100, 1);
    int before = 0;
    for (int round = 1; round <= 4; round++) {
      List<RejectRow> due = pace.due(wanted, round * ROUND);
      assertEquals(Math.min(100, before + RejectPace.ROUND_ROWS), due.size());
      assertEquals(wanted.subList(0, due.size()), due);
      before = due.size();
    }
    assertEquals(wanted, pace.due(wanted, 5 * ROUND));
  }

  @Test
  void whatIsReleasedOrExpiredIsTakenOut() {
    pace.due(rows(40, 1), 0);
    assertEquals(rows(40, 8).size(), pace.due(rows(40, 8), ROUND).size());
    assertEquals(
        40 - 7 - RejectPace.ROUND_ROWS, pace.due(List.of(), 2 * ROUND).size(), "32 a round");
    assertEquals(List.of(), pace.due(List.of(), 3 * ROUND));
  }

  @Test
  void anOldWordStandsUntilTheNewOneHasItsRound() {
    pace.due(rows(40, 1), 0);
    List<RejectRow> other = new ArrayList<>();
    for (int i = 40; i >= 1; i--) {
      other.add(row(i, "it throws"));
    }
    List<RejectRow> due = pace.due(other, ROUND);
    assertEquals(40, due.size());
    assertEquals(
        RejectPace.ROUND_ROWS, due.stream().filter(r -> r.reason().equals("it throws")).count());
    assertEquals(other, pace.due(other, 2 * ROUND));
  }

  @Test
  void whatCouldNotBeWrittenIsTriedAgainAfterARoundOnly() {
    List<RejectRow> rows = rows(3, 1);
    assertEquals(rows, pace.next(rows, false, 0));
    assertTrue(pace.onFailed(0));
    for (int second = 1; second < 10; second++) {
      assertNull(pace.next(rows(4, 1), true, second * SECOND));
    }
    List<RejectRow> due = pace.next(rows(4, 1), false, ROUND);
    assertEquals(rows(4, 1), due);
    pace.onWritten(due);
    assertNull(pace.next(rows(4, 1), false, ROUND + SECOND));
    assertSame(due, pace.next(rows(4, 1), true, ROUND + SECOND));
  }

  @Test
  void aStateThatStaysAwayDoesNotFillTheLog() {
    int lines = 0;
    for (int i = 0; i < 1_000; i++) {
      lines += pace.onFailed(i * ROUND) ? 1 : 0;
    }
    assertEquals(10, lines);
  }

  @Test
  void whatIsTooMuchIsCountedInOneRow() {
    List<RejectRow> due = pace.due(rows(1_000, 1), 0);
    assertEquals(RejectPace.MAX_ROWS, due.size());
    assertEquals(rows(1_000, 746), due.subList(0, 255));
    RejectRow last = due.getLast();
    assertTrue(last.isSummary());
    assertTrue(last.reason().startsWith("745 more entries"), last.reason());
    assertFalse(due.getFirst().isSummary());
  }
}
