package anycast.routing.table;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.pick.Locality;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// Rows for tests, and questions about them.
final class Rows {
  static final Locality SELF = new Locality(new NodeId("n0"), new RegionCode("fra"));

  private Rows() {}

  static App app(String name) {
    return new App(new AppId(name), 1);
  }

  static Service service(String app, String id, Integer... ports) {
    return new Service(
        new AppId(app), id, List.of(ports), 8080, Service.AppProtocol.HTTP1, false, 0, 0, 1);
  }

  static Hostname host(String name, String app) {
    return new Hostname(name, new AppId(app), 1);
  }

  static Node node(String id, String region) {
    return new Node(new NodeId(id), new RegionCode(region), Node.Role.WORKER, id + ":7", 1);
  }

  static Instance instance(String id, String app, String node) {
    return instance(id, app, node, Instance.State.STARTED, 1);
  }

  static Instance instance(
      String id, String app, String node, Instance.State state, long generation) {
    return new Instance(
        new InstanceId(id),
        new AppId(app),
        new NodeId(node),
        new RegionCode("fra"),
        "127.0.0.1",
        0,
        state,
        Map.of(),
        generation);
  }

  static Certificate certificate(String name) {
    return new Certificate(name, "chain of " + name, "key of " + name, 1);
  }

  static Delta puts(Entity... entities) {
    return new Delta(Stream.of(entities).<Change>map(Change.Put::new).toList());
  }

  static Delta removes(Entity... entities) {
    return new Delta(Stream.of(entities).<Change>map(e -> new Change.Remove(e.key())).toList());
  }

  /// The name of the app that a host leads to, or null.
  static String owner(RoutingSnapshot snapshot, String host) {
    byte[] bytes = ("https://" + host + ":443").getBytes(StandardCharsets.ISO_8859_1);
    AppRoute route = snapshot.find(bytes, 8, bytes.length - 12);
    return route == null ? null : route.id().name();
  }

  /// What the builder makes of these rows in random order and random groups of at most `most`.
  static RoutingSnapshot shuffled(
      SnapshotBuilder builder, List<Entity> rows, Random random, int most) {
    Collections.shuffle(rows, random);
    RoutingSnapshot snapshot = builder.empty();
    for (int from = 0; from < rows.size(); ) {
      int to = Math.min(rows.size(), from + 1 + random.nextInt(most));
      snapshot = builder.apply(snapshot, puts(rows.subList(from, to).toArray(Entity[]::new)));
      from = to;
    }
    return snapshot;
  }

  /// What is left when a history has passed and each of its rows was removed, in random order.
  static RoutingSnapshot emptied(SnapshotBuilder builder, List<Delta> history, Random random) {
    Oracle oracle = new Oracle();
    RoutingSnapshot snapshot = builder.empty();
    for (Delta delta : history) {
      oracle.apply(delta);
      snapshot = builder.apply(snapshot, delta);
    }
    List<Entity> rows = oracle.list();
    Collections.shuffle(rows, random);
    for (Entity row : rows) {
      snapshot = builder.apply(snapshot, removes(row));
    }
    return snapshot;
  }
}
