package anycast.routing.feed.nats;

import anycast.routing.feed.Cells;
import anycast.routing.feed.RejectRow;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.Node;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.api.KeyValueEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The rows of one node, brought up to date in their buckets.
///
/// A row is written where it is new or where a column that its owner says differs; all other
/// columns stay as they stand, so what an operator wrote into `state` stays. Each write names the
/// revision that it was made from: where someone wrote in between, it is made anew.
///
/// **Threading.** One thread's.
final class OwnRows {
  /// Two writers of one row are an accident; a writer and a server that lags need one more look.
  private static final int TRIES = 5;

  /// The server's code for "written by someone else since".
  private static final int WRONG_REVISION = 10_071;

  private final NatsConfig config;
  private final Node node;
  private final List<Instance> instances;
  private final boolean appRegions;

  /// @param appRegions whether to tell which apps this node has, for edges of other regions
  OwnRows(NatsConfig config, Node node, List<Instance> instances, boolean appRegions) {
    this.config = config;
    this.node = node;
    this.instances = List.copyOf(instances);
    this.appRegions = appRegions;
  }

  /// Brings all rows up to date and removes what this node has no more.
  void write(Connection connection, long nowMillis) throws IOException, InterruptedException {
    upsert(connection, node, nowMillis, List.of("region", "role", "backhaul"));
    Set<String> own = new HashSet<>();
    for (Instance instance : instances) {
      own.add(
          upsert(
              connection,
              instance,
              nowMillis,
              List.of("app", "region", "address", "port", "labels")));
    }
    removeOthers(connection, Table.INSTANCES, nodeToken() + ".>", own);
    if (appRegions) {
      writeAppRegions(connection, nowMillis);
    }
  }

  /// What this node's checks found, and nothing else of this node.
  void writeHealth(Connection connection, List<InstanceHealth> found)
      throws IOException, InterruptedException {
    Set<String> own = new HashSet<>();
    for (InstanceHealth one : found) {
      own.add(upsert(connection, one, one.generation(), List.of("status", "detail")));
    }
    removeOthers(connection, Table.INSTANCE_HEALTH, nodeToken() + ".>", own);
  }

  /// What this node keeps out, and nothing else of this node.
  void writeRejects(Connection connection, List<RejectRow> kept)
      throws IOException, InterruptedException {
    Set<String> own = new HashSet<>();
    for (RejectRow one : kept) {
      own.add(upsert(connection, Table.REJECTS, RowCodec.encode(one), RejectRow.OWNED));
    }
    removeOthers(connection, Table.REJECTS, nodeToken() + ".>", own);
  }

  private void writeAppRegions(Connection connection, long nowMillis)
      throws IOException, InterruptedException {
    Map<String, Integer> counts = new TreeMap<>();
    instances.forEach(instance -> counts.merge(instance.app().name(), 1, Integer::sum));
    Set<String> own = new HashSet<>();
    for (Map.Entry<String, Integer> app : counts.entrySet()) {
      AppRegion row =
          new AppRegion(new AppId(app.getKey()), node.id(), node.region(), app.getValue(), 1);
      own.add(upsert(connection, row, nowMillis, List.of("region", "instances")));
    }
    removeOthers(
        connection, Table.APP_REGIONS, "*." + KeyToken.of(List.of(node.id().value())), own);
  }

  void beat(Connection connection, long seq, long nowMillis, long ageMillis) throws IOException {
    try {
      connection
          .keyValue(config.bucket(Table.BEATS))
          .put(
              KeyToken.of(List.of(node.id().value())),
              RowJson.value(List.of(node.id().value(), seq, nowMillis, ageMillis)));
    } catch (JetStreamApiException e) {
      throw refused(Table.BEATS, e);
    }
  }

  /// Takes away what makes edges choose this node.
  void withdraw(Connection connection) throws IOException {
    for (Table table : List.of(Table.NODES, Table.BEATS)) {
      try {
        connection.keyValue(config.bucket(table)).delete(KeyToken.of(List.of(node.id().value())));
      } catch (JetStreamApiException e) {
        throw refused(table, e);
      }
    }
  }

  /// @return the row's key
  private String upsert(Connection connection, Entity entity, long nowMillis, List<String> owned)
      throws IOException {
    return upsert(
        connection, RowCodec.table(entity.key()), RowCodec.encode(entity, nowMillis), owned);
  }

  private String upsert(Connection connection, Table table, List<Object> wanted, List<String> owned)
      throws IOException {
    String key = RowJson.key(table, wanted);
    try {
      KeyValue bucket = connection.keyValue(config.bucket(table));
      for (int left = TRIES; ; left--) {
        try {
          upsert(bucket, table, key, wanted, owned);
          return key;
        } catch (JetStreamApiException e) {
          if (e.getApiErrorCode() != WRONG_REVISION || left == 1) {
            throw e;
          }
        }
      }
    } catch (JetStreamApiException e) {
      throw refused(table, e);
    }
  }

  private static void upsert(
      KeyValue bucket, Table table, String key, List<Object> wanted, List<String> owned)
      throws IOException, JetStreamApiException {
    KeyValueEntry stands = bucket.get(key);
    if (stands == null) {
      bucket.create(key, RowJson.value(wanted));
      return;
    }
    List<Object> merged = wanted;
    if (RowJson.read(table, key, stands.getValue()) instanceof Cells.Values(List<Object> before)
        && before.size() == wanted.size()) {
      merged = merged(table, before, wanted, owned);
    }
    if (merged != null) {
      bucket.update(key, RowJson.value(merged), stands.getRevision());
    }
  }

  /// @return null where every owned column says the same already
  private static List<Object> merged(
      Table table, List<Object> before, List<Object> wanted, List<String> owned) {
    List<Object> merged = new ArrayList<>(before);
    boolean differs = false;
    for (int i = 0; i < wanted.size(); i++) {
      String column = table.columns().get(i).name();
      if (owned.contains(column)) {
        differs |= !wanted.get(i).equals(before.get(i));
        merged.set(i, wanted.get(i));
      } else if (column.equals("gen") || column.equals("updated_ms")) {
        merged.set(i, wanted.get(i));
      }
    }
    return differs ? merged : null;
  }

  /// This node as the first of two cells.
  private String nodeToken() {
    String key = KeyToken.of(List.of(node.id().value(), ""));
    return key.substring(0, key.length() - ".=".length());
  }

  private void removeOthers(Connection connection, Table table, String filter, Set<String> own)
      throws IOException, InterruptedException {
    Map<String, byte[]> rows = new LinkedHashMap<>();
    BucketReading.read(connection, config, table, filter, Pace.NORMAL, rows);
    rows.keySet().removeAll(own);
    for (String other : rows.keySet()) {
      try {
        connection.keyValue(config.bucket(table)).delete(other);
      } catch (JetStreamApiException e) {
        throw refused(table, e);
      }
    }
  }

  private IOException refused(Table table, JetStreamApiException e) {
    return new IOException(BucketFacts.words(config.bucket(table), e), e);
  }

  /// All tables: whoever comes first makes the buckets.
  static List<Table> buckets() {
    return Arrays.asList(Table.values());
  }
}
