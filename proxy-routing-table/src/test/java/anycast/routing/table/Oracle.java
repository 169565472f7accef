package anycast.routing.table;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Standing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The routing table as its rules say it, by walking all rows for each question.
final class Oracle {
  final Map<Entity.Key, Entity> rows = new HashMap<>();

  void apply(Delta delta) {
    for (Change change : delta.changes()) {
      switch (change) {
        case Change.Put(Entity entity) -> rows.put(entity.key(), entity);
        case Change.Remove(Entity.Key key) -> rows.remove(key);
      }
    }
  }

  <T extends Entity> Stream<T> all(Class<T> kind) {
    return rows.values().stream().filter(kind::isInstance).map(kind::cast);
  }

  AppId find(String host) {
    Map<String, AppId> owners =
        all(Hostname.class).collect(Collectors.toMap(Hostname::name, Hostname::app));
    AppId owner = owners.get(host);
    for (int i = 1; i < host.length() && owner == null; i++) {
      owner = host.charAt(i) == '.' ? owners.get("*" + host.substring(i)) : null;
    }
    return owner != null && exists(owner) ? owner : null;
  }

  boolean exists(AppId app) {
    return all(App.class).anyMatch(row -> row.id().equals(app)) || !services(app).isEmpty();
  }

  List<Service> services(AppId app) {
    return all(Service.class)
        .filter(service -> service.app().equals(app))
        .sorted(Comparator.comparing(Service::id))
        .toList();
  }

  Service service(AppId app, int port) {
    return services(app).stream()
        .filter(service -> service.ports().contains(port))
        .findFirst()
        .orElse(null);
  }

  Set<Instance> instances(AppId app) {
    return all(Instance.class).filter(i -> i.app().equals(app)).collect(Collectors.toSet());
  }

  Set<Instance> routable(AppId app) {
    return instances(app).stream()
        .filter(i -> i.state() == Instance.State.STARTED)
        .filter(i -> node(i.node()) != null && !node(i.node()).backhaul().isEmpty())
        .filter(i -> standing(i) == Standing.READY)
        .collect(Collectors.toSet());
  }

  Standing standing(Instance i) {
    if (rows.containsKey(new Entity.CordonKey(i.node(), i.id()))) {
      return Standing.CORDONED;
    }
    Entity found = rows.get(new Entity.InstanceHealthKey(i.node(), i.id()));
    return switch (found) {
      case InstanceHealth h when h.status() == InstanceHealth.Status.FAILING -> Standing.FAILING;
      case InstanceHealth h when h.status() == InstanceHealth.Status.LAGGING -> Standing.LAGGING;
      case null, default -> Standing.READY;
    };
  }

  Node node(NodeId id) {
    return (Node) rows.get(new Entity.NodeKey(id));
  }

  Instance instance(InstanceId id) {
    return all(Instance.class)
        .filter(i -> i.id().equals(id))
        .max(
            Comparator.comparing((Instance i) -> i.state() == Instance.State.STARTED)
                .thenComparing(Instance::generation)
                .thenComparing(i -> i.node().value(), Comparator.reverseOrder()))
        .orElse(null);
  }

  Certificate certificate(String host) {
    Entity exact = rows.get(new Entity.CertificateKey(host));
    int dot = host.indexOf('.');
    Entity found =
        exact != null || dot <= 0
            ? exact
            : rows.get(new Entity.CertificateKey("*" + host.substring(dot)));
    return (Certificate) found;
  }

  RoutingSnapshot.Counts counts() {
    return new RoutingSnapshot.Counts(
        count(App.class),
        count(Service.class),
        count(Hostname.class),
        count(Instance.class),
        count(Node.class),
        count(Certificate.class),
        count(VirtualService.class),
        count(AppRegion.class),
        count(InstanceHealth.class),
        count(Cordon.class));
  }

  private int count(Class<? extends Entity> kind) {
    return (int) all(kind).count();
  }

  List<AppRegion> regions(AppId app) {
    return all(AppRegion.class)
        .filter(row -> row.app().equals(app))
        .sorted(Comparator.comparing(row -> row.node().value()))
        .toList();
  }

  List<Entity> list() {
    return new ArrayList<>(new HashSet<>(rows.values()));
  }
}
