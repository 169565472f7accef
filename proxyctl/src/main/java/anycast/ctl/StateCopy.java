package anycast.ctl;

import anycast.routing.feed.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings a whole state from one place to another, and reads it back.
///
/// **Limits.** All rows of the source are held in memory, and one table of the target.
final class StateCopy {
  /// Names of rows that are told of each sort.
  private static final int MOST_NAMED = 20;

  private final StatePlace from;
  private final StatePlace to;
  private final PrintWriter out;
  private final Map<Table, List<StateRow>> rows = new EnumMap<>(Table.class);
  private final Map<Table, List<StateRow>> gone = new EnumMap<>(Table.class);
  private long leftOut;
  private long standing;

  StateCopy(StatePlace from, StatePlace to, PrintWriter out) {
    this.from = from;
    this.to = to;
    this.out = out;
  }

  /// Reads both sides and tells what there is.
  void plan() throws IOException, InterruptedException {
    Named undecodable = new Named("no proxy can use, carried as it is");
    Named refused = new Named("cannot stand there, LEFT OUT");
    for (Table table : Table.values()) {
      List<StateRow> taken = new ArrayList<>();
      for (StateRow row : from.read(table)) {
        Optional<String> objection = to.objection(row);
        if (objection.isPresent()) {
          refused.add(row, objection.get());
          leftOut++;
          continue;
        }
        row.defect().ifPresent(reason -> undecodable.add(row, reason));
        taken.add(row);
      }
      rows.put(table, taken);
      Map<String, StateRow> there = byKey(to.read(table));
      standing += there.size();
      taken.forEach(row -> there.remove(row.key()));
      gone.put(table, List.copyOf(there.values()));
      out.printf("%-18s %8d rows, %8d to remove%n", table.label(), taken.size(), there.size());
    }
    undecodable.tell();
    refused.tell();
  }

  /// Rows that stand in the target now.
  long standing() {
    return standing;
  }

  /// Rows that the target cannot take.
  long leftOut() {
    return leftOut;
  }

  void write() throws IOException, InterruptedException {
    to.prepare();
    for (Table table : Table.values()) {
      to.write(table, rows.get(table), gone.get(table));
    }
    to.finish();
  }

  /// Reads the target and compares.
  ///
  /// @throws CtlFault where it is not what was written
  void verify() throws IOException, InterruptedException, CtlFault {
    Named missing = new Named("was written and is not there");
    Named other = new Named("reads back as something else");
    Named ghosts = new Named("is there and was not written");
    long same = 0;
    for (Table table : Table.values()) {
      Map<String, StateRow> there = byKey(to.read(table));
      for (StateRow row : rows.get(table)) {
        StateRow back = there.remove(row.key());
        if (back == null) {
          missing.add(row, "");
        } else if (!back.content().equals(row.content())) {
          other.add(row, "");
        } else {
          same++;
        }
      }
      there.values().forEach(row -> ghosts.add(row, ""));
    }
    for (Named sort : List.of(missing, other, ghosts)) {
      sort.tell();
    }
    long wrong = missing.count + other.count + ghosts.count;
    if (wrong > 0) {
      throw new CtlFault(
          "the target differs in " + wrong + " rows; is something else writing to it?");
    }
    out.println("read back: " + same + " rows, all as written");
  }

  private static Map<String, StateRow> byKey(List<StateRow> rows) {
    Map<String, StateRow> all = HashMap.newHashMap(rows.size());
    rows.forEach(row -> all.put(row.key(), row));
    return all;
  }

  /// Rows of one sort, some of them by name.
  private final class Named {
    private final String what;
    private final List<String> names = new ArrayList<>();
    private long count;

    Named(String what) {
      this.what = what;
    }

    void add(StateRow row, String reason) {
      if (count++ < MOST_NAMED) {
        names.add(row.name() + (reason.isEmpty() ? "" : ": " + reason));
      }
    }

    void tell() {
      if (count > 0) {
        out.println(count + " rows, " + what + ":");
        names.forEach(name -> out.println("  " + Printable.of(name)));
        if (count > names.size()) {
          out.println("  and " + (count - names.size()) + " more");
        }
      }
    }
  }
}
