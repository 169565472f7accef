package anycast.routing.feed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How fast a node tells what it keeps out: every node of the fleet hears every row.
///
/// The set that is to stand in state follows the one that is wanted in rounds, 10 s apart and of 32
/// rows each, so that a node in trouble writes at most 192 rows a minute. What a process begins
/// with is taken whole: most of it stands already, from the process before.
///
/// **Threading.** One writer's. **Limits.** [#MAX_ROWS].
public final class RejectPace {
  /// An author looks for one row; who keeps out more than this is in trouble of another kind, and
  /// its `proxyctl quarantine list` has them all.
  public static final int MAX_ROWS = 256;

  /// Rows that a round adds, changes or takes out.
  public static final int ROUND_ROWS = 32;

  /// Distance of two rounds: within seconds is soon enough for a person.
  public static final Duration ROUND = Duration.ofSeconds(10);

  private List<RejectRow> asked;
  private List<RejectRow> wanted;
  private List<RejectRow> due;
  private boolean catchingUp;
  private long roundNanos;

  /// Null = nobody knows what stands.
  private List<RejectRow> written;

  private int failures;
  private long failedNanos;

  /// What is to be written now.
  ///
  /// @param rows all of this node, as in [#due]
  /// @param again whether what was written is to be looked at again
  /// @return null = nothing
  public List<RejectRow> next(List<RejectRow> rows, boolean again, long nowNanos) {
    if (failures > 0 && nowNanos - failedNanos < ROUND.toNanos()) {
      return null;
    }
    List<RejectRow> stands = due(rows, nowNanos);
    return stands == written && !again ? null : stands;
  }

  /// These stand now.
  public void onWritten(List<RejectRow> rows) {
    written = rows;
    failures = 0;
  }

  /// They could not be written: tried again after a round.
  ///
  /// @return whether it is worth a line in the log: the 1st, 2nd, 4th, 8th time in a row
  public boolean onFailed(long nowNanos) {
    failedNanos = nowNanos;
    return Integer.bitCount(++failures) == 1;
  }

  /// What is to stand in state from now on: the same list until something is to be written.
  ///
  /// @param rows all of this node, the newest first; of more than [#MAX_ROWS] the last ones are
  ///   counted in one row
  List<RejectRow> due(List<RejectRow> rows, long nowNanos) {
    boolean same = rows.equals(asked);
    asked = rows;
    if (same && !catchingUp) {
      return due;
    }
    wanted = same ? wanted : cut(rows);
    if (due == null) {
      due = wanted;
    } else if (nowNanos - roundNanos < ROUND.toNanos()) {
      catchingUp = true;
      return due;
    } else {
      due = next(due, wanted);
    }
    catchingUp = !due.equals(wanted);
    roundNanos = nowNanos;
    return due;
  }

  private static List<RejectRow> cut(List<RejectRow> rows) {
    if (rows.size() <= MAX_ROWS) {
      return List.copyOf(rows);
    }
    List<RejectRow> kept = new ArrayList<>(rows.subList(0, MAX_ROWS - 1));
    RejectRow first = rows.get(MAX_ROWS - 1);
    int left = rows.size() - kept.size();
    kept.add(
        new RejectRow(
            first.node(),
            RejectRow.SUMMARY,
            "",
            "",
            first.stage(),
            left + " more entries are kept out by this node; its proxyctl quarantine list has them",
            first.atMillis(),
            first.generation()));
    return List.copyOf(kept);
  }

  /// From one set towards another, by at most [#ROUND_ROWS]: what is new first, then what goes.
  private static List<RejectRow> next(List<RejectRow> before, List<RejectRow> after) {
    Map<String, RejectRow> stand = new HashMap<>();
    before.forEach(row -> stand.put(row.hash(), row));
    int left = ROUND_ROWS;
    List<RejectRow> next = new ArrayList<>();
    Set<String> stays = new HashSet<>();
    for (RejectRow row : after) {
      RejectRow old = stand.get(row.hash());
      stays.add(row.hash());
      if (row.equals(old)) {
        next.add(row);
      } else if (left > 0) {
        next.add(row);
        left--;
      } else if (old != null) {
        next.add(old);
      }
    }
    for (RejectRow row : before) {
      if (!stays.contains(row.hash()) && left-- <= 0) {
        next.add(row);
      }
    }
    return List.copyOf(next);
  }
}
