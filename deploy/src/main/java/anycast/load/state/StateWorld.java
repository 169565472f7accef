package anycast.load.state;

import anycast.routing.model.App;
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
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.table.AppRoute;
import anycast.routing.table.RoutingSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// A fleet of any number of instances: twenty to an app, a thousand to a node, each app with a
/// service and a hostname.
final class StateWorld {
  static final Locality SELF = new Locality(new NodeId("edge-fra-1"), new RegionCode("fra"));
  private static final int INSTANCES_AN_APP = 20;
  private static final int INSTANCES_A_NODE = 1000;
  private static final RegionCode[] REGIONS = {
    new RegionCode("fra"), new RegionCode("iad"), new RegionCode("nrt"), new RegionCode("syd")
  };

  private final int instances;

  StateWorld(int instances) {
    this.instances = instances;
  }

  int instances() {
    return instances;
  }

  int apps() {
    return Math.max(1, instances / INSTANCES_AN_APP);
  }

  int nodes() {
    return Math.max(1, instances / INSTANCES_A_NODE);
  }

  /// All rows, instances and what they refer to.
  int rows() {
    return instances + 3 * apps() + nodes();
  }

  void each(Consumer<Entity> to) {
    for (int i = 0; i < nodes(); i++) {
      to.accept(node(i));
    }
    for (int i = 0; i < apps(); i++) {
      to.accept(new App(app(i), 1));
      to.accept(
          new Service(
              app(i), "web", List.of(80, 443), 8080, Service.AppProtocol.HTTP1, true, 50, 100, 1));
      to.accept(new Hostname(host(i), app(i), 1));
    }
    for (int i = 0; i < instances; i++) {
      to.accept(instance(i, 1));
    }
  }

  private static Node node(int i) {
    return new Node(
        new NodeId("wrk-" + i),
        REGIONS[i % REGIONS.length],
        Node.Role.WORKER,
        "10." + (i >> 8 & 255) + "." + (i & 255) + ".1:7000",
        1);
  }

  private static AppId app(int i) {
    return new AppId("app-" + i);
  }

  static String host(int i) {
    return "shop-" + Long.toString((i + 1) * 0x9e3779b97f4a7c15L >>> 38, 36) + "-" + i + ".example";
  }

  /// @param generation also its address' last number, so that versions differ in what is looked up
  Instance instance(int i, long generation) {
    int node = (int) ((i * 2_654_435_761L >>> 7) % nodes());
    return new Instance(
        new InstanceId("inst-" + Integer.toHexString(i) + "-8f3a"),
        app(i % apps()),
        new NodeId("wrk-" + node),
        REGIONS[node % REGIONS.length],
        "10.0." + (i >> 8 & 255) + "." + (i & 255),
        8080,
        Instance.State.STARTED,
        Map.of("tier", i % 3 == 0 ? "gold" : "silver"),
        generation);
  }

  /// What a request does with the table.
  ///
  /// @return whether somebody takes it
  static boolean answers(RoutingSnapshot world, byte[] host, long random) {
    AppRoute app = world.find(host, 0, host.length);
    return app != null
        && app.service(443).picker().pick(PickRequest.of(3, 0, random))
            instanceof PickResult.Picked;
  }

  byte[][] hosts(int count) {
    byte[][] hosts = new byte[count][];
    for (int i = 0; i < count; i++) {
      int app = (int) ((i * 2_654_435_761L >>> 3) % apps());
      hosts[i] = host(app).getBytes(StandardCharsets.US_ASCII);
    }
    return hosts;
  }
}
