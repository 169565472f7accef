package anycast.routing.feed.sqlite;

import anycast.routing.feed.sqlite.FollowedQuery.Opening;
import anycast.routing.feed.sqlite.FollowedQuery.Reader;
import anycast.routing.feed.sqlite.FollowedQuery.Row;
import anycast.routing.feed.sqlite.FollowedQuery.Rows;
import anycast.routing.feed.sqlite.FollowedQuery.Wish;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// Tells which keys of a table were touched, and no more: no snapshot, no ids, no resuming. A new
/// row is an update too. A key that was deleted and came back within a batch is only an update.
///
/// **Threading.** One thread at a time. **Limits.** The keys stay in memory: a deleted row has to
/// be named.
final class TableNotices implements Followed {
  /// A key as content, for sets.
  private record Key(byte[] json) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(json, key.json);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(json);
    }
  }

  private final UUID id;
  private final Rows rows;
  private final Map<Long, Key> keys = new HashMap<>();
  private final Set<Reader> readers = new LinkedHashSet<>();

  /// @param rows whose visible cells are of no interest
  TableNotices(UUID id, Rows rows) {
    this.id = id;
    this.rows = rows;
    rows.each(row -> keys.put(row.rowid(), new Key(row.key())));
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public int readers() {
    return readers.size();
  }

  @Override
  public void onTouched(Collection<Long> rowids) {
    Set<Key> present = new LinkedHashSet<>();
    Set<Key> gone = new LinkedHashSet<>();
    for (long rowid : new TreeSet<>(rowids)) {
      Optional<Row> row = rows.at(rowid);
      Key now = row.map(r -> new Key(r.key())).orElse(null);
      Key was = now == null ? keys.remove(rowid) : keys.put(rowid, now);
      if (now != null) {
        present.add(now);
      }
      if (was != null && !was.equals(now)) {
        gone.add(was);
      }
    }
    gone.removeAll(present);
    List<byte[]> lines = new ArrayList<>();
    present.forEach(key -> lines.add(StreamLines.notice("update", key.json())));
    gone.forEach(key -> lines.add(StreamLines.notice("delete", key.json())));
    if (!lines.isEmpty()) {
      LineBatch batch = LineBatch.of(lines);
      readers.removeIf(reader -> !reader.offer(batch));
    }
  }

  @Override
  public Opening follow(Wish wish, Reader reader) {
    readers.add(reader);
    return out -> {};
  }

  @Override
  public void leave(Reader reader) {
    readers.remove(reader);
  }

  @Override
  public void purge() {
    // nothing of the past is kept
  }

  @Override
  public void close() {
    readers.forEach(Reader::finish);
    readers.clear();
  }
}
