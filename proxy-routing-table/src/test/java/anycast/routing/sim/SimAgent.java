package anycast.routing.sim;

import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.Answer;
import anycast.routing.feed.corrosion.StreamMachine;
import anycast.routing.feed.sqlite.FollowedQuery;
import anycast.routing.feed.sqlite.SavedQuery;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/// One agent: a store, the queries that are followed in it, and their readers. The queries are the
/// producer's own; what stands around them in a process is made here.
///
/// ```
///  commit ──touched rowids, gathered──► FollowedQuery ──lines──► Serving ──► Pipe
/// ```
final class SimAgent {
  /// A fleet's logs are long; short ones make purges below a reader's position common.
  private static final FollowedQuery.LogLimits SHORT_LOG =
      new FollowedQuery.LogLimits(500, 6 * 1024);

  private static final FollowedQuery.LogLimits LONG_LOG =
      new FollowedQuery.LogLimits(10_000, 8 << 20);

  private static final Duration LEAST_GATHERING = Duration.ofMillis(10);
  private static final Duration MOST_GATHERING = Duration.ofMillis(600);

  final URI uri;
  final SimStore store;
  private final World world;
  private final Chance chance;
  private final FollowedQuery.LogLimits limits;
  private final Map<String, FollowedQuery> queries = new LinkedHashMap<>();
  private final Map<Table, Set<Long>> touched = new EnumMap<>(Table.class);
  private final Set<Serving> servings = new LinkedHashSet<>();
  private List<SavedQuery> saved = List.of();
  private boolean up = true;

  SimAgent(World world, String name) {
    this.world = world;
    this.chance = world.chance.split();
    this.uri = URI.create("http://" + name);
    this.store = new SimStore(chance.split(), world.weather.kinds().storeSyncsLie());
    this.limits = chance.oneIn(2) ? SHORT_LOG : LONG_LOG;
  }

  boolean up() {
    return up;
  }

  Set<Serving> servings() {
    return servings;
  }

  void commit(List<Stored.Write> writes) {
    boolean first = touched.isEmpty();
    store.commit(
        writes,
        (write, rowid) ->
            touched.computeIfAbsent(write.table(), _ -> new LinkedHashSet<>()).add(rowid));
    if (first && !touched.isEmpty()) {
      world.agenda.in(chance.skewedNanos(LEAST_GATHERING, MOST_GATHERING), this::onGathered);
    }
  }

  private void onGathered() {
    Map<Table, Set<Long>> batch = new EnumMap<>(touched);
    touched.clear();
    queries.forEach((sql, query) -> {
      Collection<Long> rowids = batch.get(table(sql));
      if (rowids != null) {
        query.onTouched(rowids);
      }
    });
  }

  /// Answers a request and serves its stream.
  Answer open(StreamMachine.Request request, Pipe pipe) {
    if (world.weather.sheds() && chance.oneIn(6)) {
      OptionalLong after = chance.oneIn(2) ? OptionalLong.of(1) : OptionalLong.empty();
      return new Answer(503, "", "", after, "max concurrency limit reached");
    }
    return switch (request) {
      case StreamMachine.Request.Subscribe(var statement) -> {
        FollowedQuery query =
            queries.computeIfAbsent(
                statement.sql(), sql -> FollowedQuery.begin(id(), rows(table(sql)), limits));
        yield serve(query, new FollowedQuery.Wish(-1, false), pipe);
      }
      case StreamMachine.Request.Resume(String id, long from) -> {
        Optional<FollowedQuery> query =
            queries.values().stream().filter(q -> q.id().toString().equals(id)).findFirst();
        yield query
            .map(q -> serve(q, new FollowedQuery.Wish(from, false), pipe))
            .orElseGet(() -> Answer.refused(404, "could not find subscription"));
      }
    };
  }

  private Answer serve(FollowedQuery query, FollowedQuery.Wish wish, Pipe pipe) {
    Serving serving =
        new Serving(
            world,
            chance,
            pipe,
            s -> {
              query.leave(s);
              servings.remove(s);
            });
    servings.add(serving);
    serving.open(query.follow(wish, serving));
    return Answer.opened(query.id().toString(), "");
  }

  private UUID id() {
    return new UUID(chance.random().nextLong(), chance.random().nextLong());
  }

  private FollowedQuery.Rows rows(Table table) {
    List<String> columns = table.columns().stream().map(Table.Column::name).toList();
    return new FollowedQuery.Rows() {
      @Override
      public List<String> columns() {
        return columns;
      }

      @Override
      public void each(FollowedQuery.RowSink out) {
        store.now().all(table).forEach((rowid, cells) -> out.row(row(table, rowid, cells)));
      }

      @Override
      public Optional<FollowedQuery.Row> at(long rowid) {
        return Optional.ofNullable(store.now().row(table, rowid))
            .map(cells -> row(table, rowid, cells));
      }
    };
  }

  private static FollowedQuery.Row row(Table table, long rowid, List<Object> cells) {
    return FollowedQuery.Row.of(
        rowid, cells.subList(0, table.key().size()).toArray(), cells.toArray());
  }

  private static final Map<String, Table> BY_SQL = new HashMap<>();

  static {
    for (Table table : Table.values()) {
      BY_SQL.put(table.select(), table);
    }
  }

  private static Table table(String sql) {
    return BY_SQL.get(sql);
  }

  /// An orderly stop: subscriptions are saved, readers hear a clean end.
  void stop() {
    if (!up) {
      return;
    }
    up = false;
    onGathered();
    List<SavedQuery> kept = new ArrayList<>();
    queries.forEach((sql, query) -> kept.add(query.save(sql)));
    saved = kept;
    List.copyOf(queries.values()).forEach(FollowedQuery::close);
    queries.clear();
    servings.clear();
  }

  /// The process dies, or its machine; then nobody is there to say so to its readers.
  ///
  /// @return how many acknowledged or unacknowledged transactions are lost
  int crash(boolean machine) {
    if (!up) {
      return 0;
    }
    up = false;
    for (Serving serving : List.copyOf(servings)) {
      serving.die(machine);
    }
    servings.clear();
    queries.clear();
    touched.clear();
    saved = List.of();
    return machine ? store.crash() : 0;
  }

  void start() {
    if (up) {
      return;
    }
    up = true;
    // What was saved is used once: after a crash it would name positions of another past.
    for (SavedQuery query : saved) {
      FollowedQuery.restore(query, rows(table(query.sql())), limits)
          .ifPresent(restored -> queries.put(query.sql(), restored));
    }
    saved = List.of();
  }

  /// Another content takes the place of this one's; subscriptions are wiped.
  void restore(Stored backup) {
    store.restore(backup);
    saved = List.of();
  }

  void purge() {
    queries.values().forEach(FollowedQuery::purge);
  }
}
