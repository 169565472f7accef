package anycast.routing.feed.sqlite;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// One distinct query that is followed: its result as last seen, its log of changes, its readers.
///
/// ```
///  touched rowids ──► ask each row as it is now ──► compare with what was seen ──► log ──► readers
///                                                   equal: nothing
/// ```
///
/// Result rows have ids of their own that are never used twice, while SQLite reuses rowids: a row
/// whose key changed under its rowid is an insert and a delete. Change ids are contiguous, from 1.
///
/// Pure: no SQL, no thread, no clock. Public for the simulation (`anycast.routing.sim`), which
/// drives it with rows of its own; in the product [Matching] does.
///
/// **Threading.** One thread at a time. **Ownership.** Lines and rows are handed out as they are
/// kept: nobody may write into them. **Limits.** The log, by count and bytes. The result stays in
/// memory, its cells as the JSON that readers get, once a distinct query. **Faults.** What [Rows]
/// throws passes through; the result as seen may be incomplete then, and the query is to be given
/// up: [#close].
public final class FollowedQuery implements Followed {
  /// What a Corrosion agent keeps at least; a reader that lost less resumes.
  static final int LOG_LEAST = 500;

  /// Where rows come from.
  public interface Rows {
    /// The names of the result's columns.
    List<String> columns();

    /// Hands out every row of the result, in any order.
    void each(RowSink out);

    /// The row with this rowid as it is now; empty where the result has none.
    Optional<Row> at(long rowid);
  }

  /// Takes rows.
  public interface RowSink {
    /// Called once a row.
    void row(Row row);
  }

  /// A row of the result.
  ///
  /// @param rowid the table's, which the table may use again after a delete
  /// @param key the primary key, as JSON array
  /// @param cells the visible cells, as JSON array
  public record Row(long rowid, byte[] key, byte[] cells) {
    /// From SQLite's values: null, Long, Double, String, byte[].
    public static Row of(long rowid, Object[] key, Object[] cells) {
      return new Row(rowid, StreamLines.array(key), StreamLines.array(cells));
    }
  }

  /// One who follows.
  public interface Reader {
    /// Takes lines; it must not wait.
    ///
    /// @return false where it is gone or cannot keep up: it gets nothing any more
    boolean offer(LineBatch batch);

    /// No more comes; what was offered is still to be delivered.
    void finish();
  }

  /// What a reader asks for.
  ///
  /// @param from the last change it has; 0 = none, a whole snapshot; -1 = not said
  /// @param skipRows no snapshot: only what comes from now on, or after `from`
  public record Wish(long from, boolean skipRows) {}

  /// What a reader gets first, made as it is read; it stays as it was when the reader came, and may
  /// be written by another thread.
  public interface Opening {
    /// Hands each line to `out`; ends early where `out` throws.
    void writeTo(LineSink out) throws IOException;
  }

  /// Takes encoded lines, each with its newline.
  public interface LineSink {
    /// Called once a line.
    void line(byte[] line) throws IOException;
  }

  /// How much of the past is kept; the oldest goes first.
  ///
  /// @param lines at least 500, so that what a Corrosion agent keeps is kept
  /// @param bytes of lines, together
  public record LogLimits(int lines, long bytes) {
    public LogLimits {
      if (lines < LOG_LEAST || bytes < 1) {
        throw new IllegalArgumentException("a log of " + lines + " lines, " + bytes + " bytes");
      }
    }
  }

  private record Seen(long id, byte[] key, byte[] cells) {}

  private final UUID id;
  private final Rows rows;
  private final LogLimits limits;
  private final List<String> columns;

  /// By rowid the slot in [#pages].
  private final Map<Long, Integer> slots = new HashMap<>();

  private final RowPages<Seen> pages = new RowPages<>();
  private final ArrayDeque<byte[]> log = new ArrayDeque<>();
  private final Set<Reader> readers = new LinkedHashSet<>();

  private long logBytes;
  private long lastId;
  private long lastChangeId;

  private FollowedQuery(UUID id, Rows rows, LogLimits limits) {
    this.id = id;
    this.rows = rows;
    this.limits = limits;
    this.columns = rows.columns();
  }

  /// Reads the whole result once and follows it from there.
  public static FollowedQuery begin(UUID id, Rows rows, LogLimits limits) {
    FollowedQuery query = new FollowedQuery(id, rows, limits);
    rows.each(row -> query.see(row.rowid(), new Seen(++query.lastId, row.key(), row.cells())));
    return query;
  }

  /// Goes on where a saved one ended.
  ///
  /// @return empty where the result is not byte for byte the one that was saved: what happened in
  ///   between is unknown, so no reader could be told
  public static Optional<FollowedQuery> restore(SavedQuery saved, Rows rows, LogLimits limits) {
    FollowedQuery query = new FollowedQuery(saved.id(), rows, limits);
    Map<Long, Row> now = new HashMap<>();
    rows.each(row -> now.put(row.rowid(), row));
    if (!query.columns.equals(saved.columns()) || now.size() != saved.result().rowids().length) {
      return Optional.empty();
    }
    for (int i = 0; i < saved.result().rowids().length; i++) {
      Row row = now.get(saved.result().rowids()[i]);
      if (row == null) {
        return Optional.empty();
      }
      query.see(row.rowid(), new Seen(saved.result().ids()[i], row.key(), row.cells()));
    }
    query.lastId = saved.position().lastId();
    query.lastChangeId = saved.position().lastChangeId();
    saved.log().forEach(query::keep);
    return Arrays.equals(query.digest(), saved.result().digest())
        ? Optional.of(query)
        : Optional.empty();
  }

  /// What [#restore] needs. Meaningful only once every touched row has been looked at.
  ///
  /// @param sql by which it is known
  public SavedQuery save(String sql) {
    long[] rowids = sortedRowids();
    long[] ids = Arrays.stream(rowids).map(rowid -> seen(rowid).id()).toArray();
    return new SavedQuery(
        sql,
        new SavedQuery.Position(id, lastId, lastChangeId),
        columns,
        new SavedQuery.Result(rowids, ids, digest()),
        List.copyOf(log));
  }

  /// @return null where the result has no such row
  private Seen seen(long rowid) {
    Integer slot = slots.get(rowid);
    return slot == null ? null : pages.at(slot);
  }

  private void see(long rowid, Seen row) {
    Integer slot = slots.get(rowid);
    if (slot == null) {
      slots.put(rowid, pages.add(row));
    } else {
      pages.put(slot, row);
    }
  }

  private long[] sortedRowids() {
    return slots.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private byte[] digest() {
    SavedQuery.Digest digest = new SavedQuery.Digest();
    for (long rowid : sortedRowids()) {
      Seen row = seen(rowid);
      digest.add(rowid, row.id(), row.key(), row.cells());
    }
    return digest.bytes();
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public int readers() {
    return readers.size();
  }

  /// The newest change; 0 = none yet.
  public long lastChangeId() {
    return lastChangeId;
  }

  /// The oldest change from which on the log is whole.
  public long oldestChangeId() {
    return lastChangeId - log.size() + 1;
  }

  /// Looks at touched rows again and tells all readers what differs, in one batch that takes effect
  /// together; inserts and updates before deletes.
  @Override
  public void onTouched(Collection<Long> rowids) {
    List<Told> told = new ArrayList<>();
    List<Seen> gone = new ArrayList<>();
    for (long rowid : new TreeSet<>(rowids)) {
      Seen was = seen(rowid);
      Optional<Row> found = rows.at(rowid);
      if (found.isEmpty()) {
        if (was != null) {
          pages.remove(slots.remove(rowid));
          gone.add(was);
        }
        continue;
      }
      Row now = found.get();
      if (was == null || !Arrays.equals(now.key(), was.key())) {
        Seen row = new Seen(++lastId, now.key(), now.cells());
        see(rowid, row);
        told.add(new Told("insert", row));
        if (was != null) {
          gone.add(was);
        }
      } else if (!Arrays.equals(now.cells(), was.cells())) {
        Seen row = new Seen(was.id(), was.key(), now.cells());
        see(rowid, row);
        told.add(new Told("update", row));
      }
    }
    gone.forEach(row -> told.add(new Told("delete", row)));
    if (!told.isEmpty()) {
      LineBatch batch = LineBatch.of(logged(told));
      readers.removeIf(reader -> !reader.offer(batch));
    }
  }

  private record Told(String kind, Seen row) {}

  private List<byte[]> logged(List<Told> told) {
    List<byte[]> lines = new ArrayList<>(told.size());
    for (Told one : told) {
      lastChangeId++;
      Seen row = one.row();
      boolean more = lines.size() < told.size() - 1;
      byte[] line = StreamLines.change(one.kind(), row.id(), row.cells(), lastChangeId, more);
      keep(line);
      lines.add(line);
    }
    return lines;
  }

  private void keep(byte[] line) {
    log.addLast(line);
    logBytes += line.length;
    while (log.size() > limits.lines() || logBytes > limits.bytes()) {
      logBytes -= log.removeFirst().length;
    }
  }

  /// Forgets changes that are more than 500 ids old, as an agent does every five minutes.
  @Override
  public void purge() {
    while (log.size() > LOG_LEAST + 1) {
      logBytes -= log.removeFirst().length;
    }
  }

  /// Takes a reader on.
  ///
  /// Without a change to go on from it gets everything; with one, what came after it. A reader that
  /// is ahead is taken at its word, as an agent does: it notices by itself that ids do not
  /// continue. One that is too far behind gets one error line and its end.
  ///
  /// @return what it is to be told before what it is offered
  public Opening follow(Wish wish, Reader reader) {
    if (wish.from() > 0) {
      return resume(wish.from(), reader);
    }
    readers.add(reader);
    return wish.skipRows() ? out -> {} : snapshot();
  }

  private Opening snapshot() {
    RowPages.Picture<Seen> result = pages.picture();
    long at = lastChangeId;
    return out -> {
      out.line(StreamLines.columns(columns));
      List<Seen> page = new ArrayList<>();
      for (int number = 0; result.page(number, page::add); number++) {
        for (Seen row : page) {
          out.line(StreamLines.row(row.id(), row.cells()));
        }
        page.clear();
      }
      out.line(StreamLines.endOfQuery(0, OptionalLong.of(at)));
    };
  }

  private Opening resume(long from, Reader reader) {
    long oldest = oldestChangeId();
    if (from < oldest - 1) {
      reader.finish();
      return out ->
          out.line(
              StreamLines.error(
                  "subscription already deleted older changes, min change id: " + oldest));
    }
    readers.add(reader);
    long skipped = from >= lastChangeId ? log.size() : from - oldest + 1;
    List<byte[]> missed = log.stream().skip(skipped).toList();
    return out -> {
      for (byte[] line : missed) {
        out.line(line);
      }
    };
  }

  @Override
  public void leave(Reader reader) {
    readers.remove(reader);
  }

  /// Ends all readers' streams, after what they were offered.
  @Override
  public void close() {
    readers.forEach(Reader::finish);
    readers.clear();
  }
}
