package anycast.backhaul.runtime;

import anycast.routing.feed.ChangeRecord;
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
import anycast.routing.table.AppRoute;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.ServiceRoute;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Which changes concern one host: its hostname rows and certificates, the app that it belongs or
/// belonged to with its services and instances, and the nodes of those.
///
/// **Threading.** One admin thread's.
final class HostFilter {
  private final String host;
  private final Set<AppId> apps = new HashSet<>();
  private final Set<NodeId> nodes = new HashSet<>();
  private final Set<InstanceId> instances = new HashSet<>();

  /// @param host in any case
  /// @param world what is in force now
  /// @param records also those that do not concern the host: they tell whose it was
  HostFilter(String host, RoutingSnapshot world, List<ChangeRecord> records) {
    this.host = host.toLowerCase(Locale.ROOT);
    byte[] bytes = this.host.getBytes(StandardCharsets.UTF_8);
    AppRoute owner = world.find(bytes, 0, bytes.length);
    if (owner != null) {
      apps.add(owner.id());
    }
    for (ChangeRecord record : records) {
      learnApp(record.before());
      learnApp(record.after());
    }
    for (AppId app : apps) {
      AppRoute route = world.app(app);
      for (ServiceRoute service : route == null ? List.<ServiceRoute>of() : route.services()) {
        service.picker().candidates().forEach(each -> learn(each.instance()));
      }
    }
    for (ChangeRecord record : records) {
      learnNode(record.before());
      learnNode(record.after());
    }
  }

  boolean concerns(ChangeRecord record) {
    return concerns(record.before()) || concerns(record.after());
  }

  private void learnApp(Entity row) {
    if (row instanceof Hostname hostname && leadsTo(hostname.name(), true)) {
      apps.add(hostname.app());
    }
  }

  private void learnNode(Entity row) {
    if (row instanceof Instance instance && apps.contains(instance.app())) {
      learn(instance);
    }
  }

  private void learn(Instance instance) {
    nodes.add(instance.node());
    instances.add(instance.id());
  }

  private boolean concerns(Entity row) {
    return switch (row) {
      case null -> false;
      case App app -> apps.contains(app.id());
      case Service service -> apps.contains(service.app());
      case Instance instance -> apps.contains(instance.app());
      case AppRegion region -> apps.contains(region.app());
      case InstanceHealth health -> instances.contains(health.instance());
      case Cordon cordon -> instances.contains(cordon.instance());
      case Node node -> nodes.contains(node.id());
      case Hostname hostname -> leadsTo(hostname.name(), true);
      case Certificate certificate -> leadsTo(certificate.name(), false);
      case VirtualService virtual ->
          virtual.rules().hosts().stream().anyMatch(name -> leadsTo(name, true));
    };
  }

  /// Whether a name, star included, covers the host; the star of a certificate is one label (RFC
  /// 9525 §6.3).
  private boolean leadsTo(String name, boolean anyLabels) {
    if (!name.startsWith("*.")) {
      return name.equals(host);
    }
    int label = host.length() - name.length() + 1;
    return label > 0
        && host.endsWith(name.substring(1))
        && (anyLabels || host.indexOf('.') == label);
  }
}
