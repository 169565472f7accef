package anycast.routing.feed.sqlite;

import anycast.routing.feed.Legible;
import anycast.routing.feed.Table;
import anycast.routing.feed.sqlite.FollowedQuery.Wish;
import anycast.routing.feed.sqlite.Matching.Answer;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/// All that is followed, over one reading connection.
///
/// **Threading.** The matching thread's, but for [#restore], which comes before it starts.
/// **Limits.** Distinct queries, readers of each, rows looked at for one batch, time for a query.
/// **Faults.** A query that SQLite refuses to look at again is given up: its readers' streams end,
/// they find the id unknown and begin anew.
final class FollowedSet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedSet.class);

  /// As an agent: a query that nobody reads is forgotten after ten minutes, a table's keys sooner.
  private static final Duration QUERY_UNUSED = Duration.ofMinutes(10);

  private static final Duration NOTICES_UNUSED = Duration.ofSeconds(30);

  private static final Duration PURGE = Duration.ofSeconds(300);

  /// An agent gives the first reading of a query 15 s; a million rows on a machine that does much
  /// else need more.
  private static final Duration LOOKING = TimeLimit.LONGEST;

  /// A fleet has some twenty; each holds its result in memory.
  private static final int MAX_QUERIES = 256;

  /// A virtual thread or two and a queue each; a fleet's edges several times over.
  private static final int MAX_READERS = 10_000;

  /// Rows of one batch, as an agent's.
  private static final int BATCH_ROWS = 1_000;

  /// A followed thing and what it needs.
  private static final class Entry {
    final Followed followed;
    final SelectShape shape;
    final JdbcRows rows;
    final Duration unusedFor;
    long usedNanos;
    long purgedNanos;

    Entry(Followed followed, SelectShape shape, JdbcRows rows, Duration unusedFor) {
      this.followed = followed;
      this.shape = shape;
      this.rows = rows;
      this.unusedFor = unusedFor;
    }
  }

  private final StateStore store;
  private final Ticker ticker;
  private final ServerSettings settings;
  private final Optional<SubscriptionsFile> file;
  private final SQLiteConnection reader;
  private final Map<UUID, Entry> byId = new HashMap<>();
  private final Map<String, Entry> bySql = new HashMap<>();
  private final Map<Table, Entry> notices = new EnumMap<>(Table.class);

  FollowedSet(StateStore store, Ticker ticker, ServerSettings settings) throws SQLException {
    this.store = store;
    this.ticker = ticker;
    this.settings = settings;
    this.file = settings.subscriptionsFile().map(SubscriptionsFile::new);
    this.reader = store.reader();
  }

  int readers() {
    return byId.values().stream().mapToInt(e -> e.followed.readers()).sum();
  }

  Answer onSubscribe(String sql, Wish wish) {
    Entry entry = bySql.get(sql);
    if (entry == null) {
      if (wish.from() >= 0) {
        return new Answer.Refused(400, "there is no such subscription to go on with from a change");
      }
      try {
        SelectShape shape = SelectShape.of(sql);
        Optional<Answer> refused = full();
        if (refused.isPresent()) {
          return refused.get();
        }
        entry = begin(shape, rows -> FollowedQuery.begin(UUID.randomUUID(), rows, settings.log()));
      } catch (SQLException e) {
        return refused(e);
      } catch (JdbcRows.RowsException e) {
        return refused((SQLException) e.getCause());
      } catch (IllegalArgumentException e) {
        return new Answer.Refused(400, Legible.text(e.getMessage()));
      }
      bySql.put(sql, entry);
    }
    return onFollow(entry, hash(sql), wish);
  }

  Answer onNotices(Table table) {
    Entry entry = notices.get(table);
    if (entry == null) {
      try {
        entry = begin(SelectShape.keysOf(table), rows -> new TableNotices(UUID.randomUUID(), rows));
      } catch (SQLException e) {
        return refused(e);
      } catch (JdbcRows.RowsException e) {
        return refused((SQLException) e.getCause());
      }
      notices.put(table, entry);
    }
    return onFollow(entry, "", new Wish(-1, false));
  }

  Answer onResume(UUID id, Wish wish) {
    Entry entry = byId.get(id);
    return entry == null || entry.followed instanceof TableNotices
        ? new Answer.Refused(404, "could not find subscription with id " + id)
        : onFollow(entry, hash(entry.shape.visible()), wish);
  }

  private Optional<Answer> full() {
    return byId.size() < MAX_QUERIES
        ? Optional.empty()
        : Optional.of(new Answer.Refused(503, "more than " + MAX_QUERIES + " distinct queries"));
  }

  private static Answer refused(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    boolean sql = code == SQLiteErrorCode.SQLITE_ERROR.code;
    return new Answer.Refused(sql ? 400 : 500, Legible.text(e.getMessage()));
  }

  private interface Beginning {
    Followed begin(JdbcRows rows);
  }

  private Entry begin(SelectShape shape, Beginning beginning) throws SQLException {
    JdbcRows rows = new JdbcRows(shape, reader);
    try (TimeLimit.Watch _ = store.timeLimit().watch(reader, LOOKING)) {
      Followed followed = beginning.begin(rows);
      if (followed != null) {
        return added(followed, shape, rows);
      }
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
    rows.close();
    return null;
  }

  private Entry added(Followed followed, SelectShape shape, JdbcRows rows) {
    Duration unusedFor = followed instanceof TableNotices ? NOTICES_UNUSED : QUERY_UNUSED;
    Entry entry = new Entry(followed, shape, rows, unusedFor);
    entry.usedNanos = ticker.nanos();
    entry.purgedNanos = entry.usedNanos;
    byId.put(followed.id(), entry);
    return entry;
  }

  private Answer onFollow(Entry entry, String hash, Wish wish) {
    if (entry.followed.readers() >= MAX_READERS) {
      return new Answer.Refused(503, LoadGates.REFUSAL);
    }
    Subscriber subscriber = new Subscriber(settings.room());
    entry.usedNanos = ticker.nanos();
    FollowedQuery.Opening opening = entry.followed.follow(wish, subscriber);
    return new Answer.Following(entry.followed.id(), hash, opening, subscriber);
  }

  void onLeave(UUID id, Subscriber subscriber) {
    Entry entry = byId.get(id);
    if (entry != null) {
      entry.followed.leave(subscriber);
      entry.usedNanos = ticker.nanos();
    }
  }

  /// Looks at touched rows again.
  ///
  /// @return how many readers were told something, one told twice counting twice
  int onTouched(Map<Table, Set<Long>> touched) {
    int told = 0;
    for (Entry entry : List.copyOf(byId.values())) {
      Set<Long> rowids = touched.getOrDefault(entry.shape.table(), Set.of());
      List<Long> slice = new ArrayList<>();
      try {
        for (Long rowid : rowids.size() <= BATCH_ROWS ? rowids : new TreeSet<>(rowids)) {
          slice.add(rowid);
          if (slice.size() == BATCH_ROWS) {
            told += look(entry, slice);
            slice.clear();
          }
        }
        told += slice.isEmpty() ? 0 : look(entry, slice);
      } catch (JdbcRows.RowsException e) {
        LOG.warn("given up, {}: {}", Legible.text(e.getMessage()), describe(entry));
        forget(entry);
      } catch (RuntimeException e) {
        LOG.error("a bug in following, given up: {}", describe(entry), e);
        forget(entry);
      }
    }
    return told;
  }

  private int look(Entry entry, List<Long> rowids) {
    try (TimeLimit.Watch _ = store.timeLimit().watch(reader, LOOKING)) {
      entry.followed.onTouched(rowids);
    }
    return entry.followed.readers();
  }

  private static String describe(Entry entry) {
    return entry.shape.visible().isEmpty()
        ? "keys of " + entry.shape.table().label()
        : Legible.text(entry.shape.visible());
  }

  private void forget(Entry entry) {
    byId.remove(entry.followed.id());
    bySql.remove(entry.shape.visible(), entry);
    notices.remove(entry.shape.table(), entry);
    entry.followed.close();
    entry.rows.close();
  }

  /// Forgets what nobody has read for long, and changes that are old.
  void sweep() {
    long now = ticker.nanos();
    for (Entry entry : List.copyOf(byId.values())) {
      if (entry.followed.readers() > 0) {
        entry.usedNanos = now;
      } else if (now - entry.usedNanos > entry.unusedFor.toNanos()) {
        forget(entry);
      }
      if (now - entry.purgedNanos > PURGE.toNanos()) {
        entry.purgedNanos = now;
        entry.followed.purge();
      }
    }
  }

  /// Takes up what an orderly stop left, where the store is still exactly what it was then. The
  /// file is gone afterwards: it is good for one start.
  void restore() {
    Optional<SavedQueries> saved = file.flatMap(SubscriptionsFile::take);
    try {
      if (saved.isPresent() && !saved.get().origin().equals(origin())) {
        LOG.info("the store is not the one that was stopped: subscriptions begin anew");
        return;
      }
      for (SavedQuery query : saved.map(SavedQueries::queries).orElse(List.of())) {
        restore(query);
      }
    } catch (SQLException e) {
      LOG.warn("subscriptions begin anew: {}", e.getMessage());
    }
  }

  private void restore(SavedQuery saved) {
    try {
      Entry entry =
          begin(
              SelectShape.of(saved.sql()),
              rows -> FollowedQuery.restore(saved, rows, settings.log()).orElse(null));
      if (entry != null) {
        bySql.put(saved.sql(), entry);
        return;
      }
      LOG.info("a subscription begins anew, its result is another: {}", Legible.text(saved.sql()));
    } catch (SQLException | RuntimeException e) {
      LOG.warn("a subscription begins anew: {}", Legible.text(saved.sql()), e);
    }
  }

  /// Tells what is left to tell, ends all streams, and saves if nobody wrote meanwhile.
  void finish(Supplier<Map<Table, Set<Long>>> touched) {
    try {
      SavedQueries.Origin before = origin();
      for (var rest = touched.get(); !rest.isEmpty(); rest = touched.get()) {
        onTouched(rest);
      }
      byId.values().forEach(e -> e.followed.close());
      if (file.isPresent() && before.equals(origin())) {
        List<SavedQuery> queries = new ArrayList<>();
        for (Entry entry : byId.values()) {
          if (entry.followed instanceof FollowedQuery query) {
            queries.add(query.save(entry.shape.visible()));
          }
        }
        file.get().write(new SavedQueries(before, queries));
      }
    } catch (SQLException | IOException e) {
      LOG.warn("subscriptions were not saved, their readers will begin anew: {}", e.toString());
    }
  }

  private SavedQueries.Origin origin() throws SQLException {
    return new SavedQueries.Origin(remembered("actor"), Long.parseLong(remembered("version")));
  }

  private String remembered(String name) throws SQLException {
    try (PreparedStatement select =
        reader.prepareStatement("SELECT value FROM __state WHERE name = ?")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getString(1) : "0";
      }
    }
  }

  private static String hash(String sql) {
    byte[] digest = SavedQuery.Digest.sha256().digest(sql.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits(ByteBuffer.wrap(digest).getLong());
  }

  @Override
  public void close() {
    for (Entry entry : byId.values()) {
      entry.followed.close();
      entry.rows.close();
    }
    try {
      reader.close();
    } catch (SQLException e) {
      LOG.debug("closing the reading connection", e);
    }
  }
}
