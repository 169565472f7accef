package anycast.routing.feed.sqlite;

import anycast.routing.feed.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/// One distinct query that is followed: its result as last seen, its log of changes, its readers.
///
/// A touched row is asked for again by its rowid and compared with what was last seen; what is
/// equal makes no change. Result rows have ids of their own that are never used twice, while SQLite
/// reuses rowids: a row whose key changed under its rowid is an insert and a delete.
///
/// **Threading.** The matching thread's. **Limits.** The log, by count and bytes. The result stays
/// in memory, once a distinct query.
final class Matcher implements AutoCloseable {
  /// What a Corrosion agent keeps at least; a reader that lost less resumes.
  static final int LOG_LEAST = 500;

  /// A restart of an edge in the middle of a deployment fits in.
  private static final int LOG_MOST = 10_000;

  private static final long LOG_BYTES = 8L << 20;

  private record Seen(long id, Object[] key, Object[] cells) {}

  private record Logged(long changeId, byte[] line) {}

  private final UUID id = UUID.randomUUID();
  private final SelectShape shape;
  private final PreparedStatement byRowid;
  private final List<String> columns;
  private final Map<Long, Seen> seen = new LinkedHashMap<>();
  private final ArrayDeque<Logged> log = new ArrayDeque<>();
  private final List<Subscriber> subscribers = new ArrayList<>();
  private long logBytes;
  private long lastId;
  private long lastChangeId;

  /// Reads the whole result once.
  Matcher(SelectShape shape, Connection reader) throws SQLException {
    this.shape = shape;
    int hidden = shape.hiddenColumns();
    try (PreparedStatement all = reader.prepareStatement(shape.tracked());
        ResultSet rows = all.executeQuery()) {
      columns = SqlRows.names(rows.getMetaData(), hidden + 1);
      while (rows.next()) {
        seen.put(rows.getLong(1), read(rows, ++lastId));
      }
    }
    byRowid = reader.prepareStatement(shape.byRowid());
  }

  private Seen read(ResultSet rows, long rowId) throws SQLException {
    int hidden = shape.hiddenColumns();
    return new Seen(
        rowId, SqlRows.cells(rows, 2, hidden - 1), SqlRows.cells(rows, hidden + 1, columns.size()));
  }

  UUID id() {
    return id;
  }

  Table table() {
    return shape.table();
  }

  boolean isUnused() {
    return subscribers.isEmpty();
  }

  int subscriberCount() {
    return subscribers.size();
  }

  /// Looks at touched rows again and tells all readers what differs; inserts and updates before
  /// deletes.
  void onTouched(Set<Long> rowids) throws SQLException {
    List<byte[]> lines = new ArrayList<>();
    List<Seen> gone = new ArrayList<>();
    for (long rowid : rowids) {
      Seen was = seen.get(rowid);
      Seen now = ask(rowid, was);
      if (now == null) {
        if (was != null) {
          seen.remove(rowid);
          gone.add(was);
        }
      } else if (was == null || now.id() != was.id()) {
        seen.put(rowid, now);
        lines.add(logged("insert", now));
        if (was != null) {
          gone.add(was);
        }
      } else if (!Arrays.deepEquals(now.cells(), was.cells())) {
        seen.put(rowid, now);
        lines.add(logged("update", now));
      }
    }
    for (Seen row : gone) {
      lines.add(logged("delete", row));
    }
    if (!lines.isEmpty()) {
      subscribers.removeIf(subscriber -> !subscriber.offer(lines));
    }
  }

  private Seen ask(long rowid, Seen was) throws SQLException {
    byRowid.setLong(1, rowid);
    try (ResultSet rows = byRowid.executeQuery()) {
      if (!rows.next()) {
        return null;
      }
      boolean same =
          was != null
              && Arrays.deepEquals(was.key(), SqlRows.cells(rows, 2, shape.hiddenColumns() - 1));
      return read(rows, same ? was.id() : ++lastId);
    }
  }

  private byte[] logged(String kind, Seen row) {
    byte[] line = StreamLines.change(kind, row.id(), row.cells(), ++lastChangeId);
    log.addLast(new Logged(lastChangeId, line));
    logBytes += line.length;
    while (log.size() > LOG_LEAST && (log.size() > LOG_MOST || logBytes > LOG_BYTES)) {
      logBytes -= log.removeFirst().line().length;
    }
    return line;
  }

  /// A reader that gets everything from the start.
  Subscriber snapshot(int capacity) {
    List<Seen> rows = List.copyOf(seen.values());
    long at = lastChangeId;
    return add(
        new Subscriber(
            out -> {
              out.line(StreamLines.columns(columns));
              for (Seen row : rows) {
                out.line(StreamLines.row(row.id(), row.cells()));
              }
              out.line(StreamLines.endOfQuery(0, OptionalLong.of(at)));
            },
            capacity));
  }

  /// A reader that gets only what comes from now on.
  Subscriber changesOnly(int capacity) {
    return add(new Subscriber(out -> {}, capacity));
  }

  /// A reader that gets what came after `from`, then what comes. One that is ahead is taken at its
  /// word, as an agent does: it notices by itself that ids do not continue.
  Subscriber resume(long from, int capacity) {
    long oldest = log.isEmpty() ? lastChangeId + 1 : log.getFirst().changeId();
    if (from + 1 < oldest) {
      Subscriber refused =
          new Subscriber(
              out ->
                  out.line(
                      StreamLines.error(
                          "subscription already deleted older changes, min change id: " + oldest)),
              capacity);
      refused.end();
      return refused;
    }
    List<byte[]> missed = log.stream().filter(l -> l.changeId() > from).map(Logged::line).toList();
    return add(
        new Subscriber(
            out -> {
              for (byte[] line : missed) {
                out.line(line);
              }
            },
            capacity));
  }

  private Subscriber add(Subscriber subscriber) {
    subscribers.add(subscriber);
    return subscriber;
  }

  void remove(Subscriber subscriber) {
    subscribers.remove(subscriber);
  }

  /// Ends all readers' streams.
  @Override
  public void close() {
    subscribers.forEach(Subscriber::end);
    subscribers.clear();
    try {
      byRowid.close();
    } catch (SQLException e) {
      // its connection closes next
    }
  }
}
