package anycast.load.table;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/// A big fleet: 10,000 apps with a service and ten instances each on 200 nodes, and any number of
/// hostnames of 42 bytes on average.
public final class World {
  public static final int APPS = 10_000;
  public static final int INSTANCES = 100_000;
  public static final int NODES = 200;
  private static final int ROWS_A_DELTA = 10_000;

  private World() {}

  public static SnapshotBuilder builder() {
    return new SnapshotBuilder(new Locality(new NodeId("edge-fra-1"), new RegionCode("fra")));
  }

  /// Apps, services, nodes and instances, and a wildcard for each hundredth app.
  static RoutingSnapshot fleet(SnapshotBuilder builder) {
    RoutingSnapshot snapshot = builder.empty();
    snapshot = load(builder, snapshot, NODES, World::node);
    snapshot = load(builder, snapshot, APPS, World::service);
    snapshot = load(builder, snapshot, INSTANCES, i -> instance(i, 1));
    return load(builder, snapshot, APPS / 100, i -> new Hostname("*." + zone(i), app(i), 1));
  }

  static RoutingSnapshot withHosts(SnapshotBuilder builder, RoutingSnapshot fleet, int hosts) {
    return load(builder, fleet, hosts, i -> new Hostname(host(i), app(i % APPS), 1));
  }

  /// The base with rows 0 to `rows` - 1, some thousands at a time.
  public static RoutingSnapshot load(
      SnapshotBuilder builder, RoutingSnapshot base, int rows, IntFunction<Entity> row) {
    RoutingSnapshot snapshot = base;
    for (int from = 0; from < rows; from += ROWS_A_DELTA) {
      List<Change> changes = new ArrayList<>(ROWS_A_DELTA);
      for (int i = from; i < Math.min(rows, from + ROWS_A_DELTA); i++) {
        changes.add(new Change.Put(row.apply(i)));
      }
      snapshot = builder.apply(snapshot, new Delta(changes));
    }
    return snapshot;
  }

  public static AppId app(int i) {
    return new AppId("app-" + i);
  }

  static String zone(int i) {
    return "zone-" + i + ".customers.example-cloud.net";
  }

  /// Unlike its neighbours from the first label on, 38 to 44 bytes.
  static String host(int i) {
    long mixed = (i + 1) * 0x9e3779b97f4a7c15L;
    return "shop-"
        + Long.toString(mixed >>> 38, 36)
        + "-"
        + i
        + ".apps.example-cloud.net"
        + ".org".substring(0, 4 * (i & 1));
  }

  public static Node node(int i) {
    String region = i % 4 == 0 ? "fra" : "iad";
    return new Node(
        new NodeId("wrk-" + i), new RegionCode(region), Node.Role.WORKER, "10.0.0.1:" + i, 1);
  }

  public static Service service(int i) {
    return new Service(
        app(i), "web", List.of(80, 443), 8080, Service.AppProtocol.HTTP1, true, 50, 100, 1);
  }

  static Instance instance(int i, long generation) {
    return new Instance(
        new InstanceId("instance-" + i),
        app(i % APPS),
        new NodeId("wrk-" + (i * 7 + i / APPS) % NODES),
        new RegionCode("fra"),
        "127.0.0.1",
        8080,
        Instance.State.STARTED,
        Map.of(),
        generation);
  }

  /// Names in random order, one behind the other as they lie in a receive buffer: reading the
  /// questions costs next to nothing.
  record Questions(byte[] bytes, int[] ends) {
    static Questions of(int count, int range, IntFunction<String> name) {
      SplittableRandom random = new SplittableRandom(42);
      byte[] bytes = new byte[count * 64];
      int[] ends = new int[count + 1];
      for (int i = 0; i < count; i++) {
        byte[] one = name.apply(random.nextInt(range)).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(one, 0, bytes, ends[i], one.length);
        ends[i + 1] = ends[i] + one.length;
      }
      return new Questions(Arrays.copyOf(bytes, ends[count]), ends);
    }
  }
}
