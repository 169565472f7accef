package anycast.routing.sim;

import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The writers: workers that publish their instances and beats, operators that publish apps and
/// hostnames. What belongs to a calm app is written once and never again.
final class Fleet {
  private static final RegionCode REGION = new RegionCode("fra");
  private static final String CALM_NODE = "w-calm";
  private static final List<String> NODES = List.of("w-0", "w-1", "w-2");

  /// Enough of each for its table to be guarded against shrinking, whatever goes beside them.
  private static final int CALM_APPS = 10;

  private static final int APPS = 16;
  private static final int CALM_INSTANCES = 12;
  private static final int HOSTNAMES = 16;

  private final Chance chance;
  private final Map<Entity.Key, Entity> calm = new HashMap<>();
  private long stamp;
  private int nextInstance;
  private long beat;

  Fleet(Chance chance) {
    this.chance = chance;
  }

  /// What nobody touches once [#founding] is committed.
  Map<Entity.Key, Entity> calm() {
    return calm;
  }

  /// The rows that a world begins with.
  List<Stored.Write> founding() {
    List<Stored.Write> writes = new ArrayList<>();
    for (int i = 0; i < APPS; i++) {
      boolean quiet = i < CALM_APPS;
      found(writes, quiet, new App(app(i), ++stamp));
      found(writes, quiet, new Hostname("app-" + i + ".example", app(i), ++stamp));
    }
    for (int i = 0; i < CALM_INSTANCES; i++) {
      found(
          writes,
          true,
          instance("calm-" + i, i % CALM_APPS, CALM_NODE, Instance.State.STARTED, ++stamp));
    }
    for (int n = 0; n < NODES.size(); n++) {
      int count = 3 + chance.below(8);
      for (int i = 0; i < count; i++) {
        found(writes, false, fresh(NODES.get(n)));
      }
    }
    for (String node : NODES) {
      writes.add(beat(node));
    }
    return writes;
  }

  private void found(List<Stored.Write> writes, boolean quiet, Entity entity) {
    writes.add(put(entity));
    if (quiet) {
      calm.put(entity.key(), entity);
    }
  }

  List<Stored.Write> beats() {
    return NODES.stream().map(this::beat).toList();
  }

  private Stored.Write beat(String node) {
    return Stored.Write.put(Table.BEATS, List.of(node, ++beat, beat * 1000, 0L), ++stamp);
  }

  /// One transaction of some writer.
  List<Stored.Write> next(Stored at) {
    int kind = chance.below(100);
    if (kind < 35) {
      return changeState(at);
    } else if (kind < 50) {
      return List.of(put(fresh(chance.any(NODES))));
    } else if (kind < 60) {
      return go(at);
    } else if (kind < 68) {
      return move(at);
    } else if (kind < 76) {
      return hostname(at);
    } else if (kind < 82) {
      return app(at);
    } else if (kind < 88) {
      return garble(at);
    } else if (kind < 93) {
      return replace(at);
    } else if (kind < 97) {
      return rewrite(at);
    }
    return massDelete(at);
  }

  private List<Stored.Write> changeState(Stored at) {
    List<Object> row = anyInstance(at);
    if (row == null) {
      return List.of();
    }
    Instance.State state = Instance.State.values()[chance.below(4)];
    return List.of(
        put(
            instance(
                (String) row.get(1), chance.below(APPS), (String) row.get(0), state, ++stamp)));
  }

  private List<Stored.Write> go(Stored at) {
    List<Object> row = anyInstance(at);
    return row == null ? List.of() : List.of(delete(Table.INSTANCES, row));
  }

  /// The instance appears on another node, and leaves the old one in the same or no transaction.
  private List<Stored.Write> move(Stored at) {
    List<Object> row = anyInstance(at);
    if (row == null) {
      return List.of();
    }
    List<Stored.Write> writes = new ArrayList<>();
    writes.add(
        put(
            instance(
                (String) row.get(1),
                chance.below(APPS),
                chance.any(NODES),
                Instance.State.STARTED,
                ++stamp)));
    if (chance.oneIn(2) && !writes.getFirst().key().equals(row.subList(0, 2))) {
      writes.add(chance.below(2), delete(Table.INSTANCES, row));
    }
    return writes;
  }

  private List<Stored.Write> hostname(Stored at) {
    String name = "busy-" + chance.below(HOSTNAMES) + ".example";
    List<Object> known = at.find(Table.HOSTNAMES, List.of(name));
    if (known != null && chance.oneIn(3)) {
      return List.of(delete(Table.HOSTNAMES, known));
    }
    return List.of(put(new Hostname(name, app(chance.below(APPS)), ++stamp)));
  }

  private List<Stored.Write> app(Stored at) {
    AppId app = app(CALM_APPS + chance.below(APPS));
    List<Object> known = at.find(Table.APPS, List.of(app.name()));
    if (known != null && chance.oneIn(2)) {
      return List.of(delete(Table.APPS, known));
    }
    return List.of(put(new App(app, ++stamp)));
  }

  /// A writer with a bug: the key is legible, something else is not.
  private List<Stored.Write> garble(Stored at) {
    List<Object> row = anyInstance(at);
    if (row == null) {
      return List.of();
    }
    List<Object> cells = new ArrayList<>(row);
    switch (chance.below(4)) {
      case 0 -> cells.set(6, "upside-down");
      case 1 -> cells.set(5, -7L);
      case 2 -> cells.set(7, "{\"a\":");
      default -> cells.set(4, 3.5);
    }
    cells.set(8, ++stamp);
    return List.of(Stored.Write.put(Table.INSTANCES, List.copyOf(cells), ++stamp));
  }

  /// A row goes and comes in one transaction, as `INSERT OR REPLACE` does it, or another key takes
  /// its rowid.
  private List<Stored.Write> replace(Stored at) {
    List<Object> row = anyInstance(at);
    if (row == null) {
      return List.of();
    }
    Stored.Write gone = delete(Table.INSTANCES, row);
    Instance.State state = Instance.State.STARTED;
    Instance now =
        chance.oneIn(2)
            ? fresh((String) row.get(0))
            : instance((String) row.get(1), 5, (String) row.get(0), state, ++stamp);
    return List.of(gone, put(now));
  }

  /// Every row of a worker again, with a new generation and nothing else new.
  private List<Stored.Write> rewrite(Stored at) {
    String node = chance.any(NODES);
    List<Stored.Write> writes = new ArrayList<>();
    for (List<Object> row : at.all(Table.INSTANCES).values()) {
      if (row.get(0).equals(node)) {
        List<Object> cells = new ArrayList<>(row);
        cells.set(8, stamp + 1);
        writes.add(Stored.Write.put(Table.INSTANCES, List.copyOf(cells), ++stamp));
      }
    }
    return writes;
  }

  private List<Stored.Write> massDelete(Stored at) {
    String node = chance.any(NODES);
    List<Stored.Write> writes = new ArrayList<>();
    for (List<Object> row : at.all(Table.INSTANCES).values()) {
      if (row.get(0).equals(node)) {
        writes.add(delete(Table.INSTANCES, row));
      }
    }
    return writes;
  }

  /// The bug is mended: each garbled row is written anew, or goes.
  List<Stored.Write> mend(Stored at) {
    List<Stored.Write> writes = new ArrayList<>();
    for (List<Object> row : at.all(Table.INSTANCES).values()) {
      if (Truth.entity(Table.INSTANCES, row) == null) {
        writes.add(
            chance.oneIn(3)
                ? delete(Table.INSTANCES, row)
                : put(
                    instance(
                        (String) row.get(1),
                        6,
                        (String) row.get(0),
                        Instance.State.STARTED,
                        ++stamp)));
      }
    }
    return writes;
  }

  /// One more change of each table: what came before it is then known to be missing.
  List<Stored.Write> epilogue() {
    return List.of(
        put(new App(app(APPS), ++stamp)),
        put(new Hostname("last.example", app(APPS), ++stamp)),
        put(fresh(NODES.getFirst())));
  }

  private List<Object> anyInstance(Stored at) {
    Map<Long, List<Object>> rows = new LinkedHashMap<>(at.all(Table.INSTANCES));
    rows.values().removeIf(row -> row.get(0).equals(CALM_NODE));
    return rows.isEmpty() ? null : chance.any(List.copyOf(rows.values()));
  }

  private Instance fresh(String node) {
    return instance(
        "i-" + nextInstance++, chance.below(APPS), node, Instance.State.STARTED, ++stamp);
  }

  private static Instance instance(
      String id, int app, String node, Instance.State state, long generation) {
    return new Instance(
        new InstanceId(id),
        app(app),
        new NodeId(node),
        REGION,
        "10.0.0.1",
        8080,
        state,
        Map.of(),
        generation);
  }

  private static AppId app(int i) {
    return new AppId("app-" + i);
  }

  private Stored.Write put(Entity entity) {
    return Stored.Write.put(RowCodec.table(entity.key()), RowCodec.encode(entity, 0), ++stamp);
  }

  private Stored.Write delete(Table table, List<Object> row) {
    return Stored.Write.delete(table, List.copyOf(row.subList(0, table.key().size())), ++stamp);
  }
}
