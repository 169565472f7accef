package anycast.routing.table;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity.InstanceKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// An app with its services, ready to route. Immutable.
///
/// An app exists as soon as its own row or a row of one of its services does. Before that, and
/// after both went, it is the place where hostnames and instances that arrived early wait.
public final class AppRoute {
  static final Comparator<InstanceKey> BY_NODE_THEN_ID =
      Comparator.comparing((InstanceKey key) -> key.node().value())
          .thenComparing(key -> key.instance().value());

  private final AppId id;
  private final List<ServiceRoute> services;
  private final int[] ports;
  private final ServiceRoute[] byPort;

  /// Kept, because each lookup asks and the row and the list would each be a cache miss.
  private final boolean exists;

  /// The row; null where only others speak of the app.
  final App row;

  /// Hostnames that point here.
  final int hostnames;

  /// Instance rows of this app, in any state.
  final Roster<InstanceKey> members;

  /// @param services by service id; of two that claim a port the first has it
  AppRoute(
      AppId id, App row, int hostnames, Roster<InstanceKey> members, List<ServiceRoute> services) {
    this.id = id;
    this.row = row;
    this.hostnames = hostnames;
    this.members = members;
    this.services = List.copyOf(services);
    this.exists = row != null || !services.isEmpty();
    TreeMap<Integer, ServiceRoute> claims = new TreeMap<>();
    for (ServiceRoute service : services) {
      service.service().ports().forEach(port -> claims.putIfAbsent(port, service));
    }
    this.ports = claims.keySet().stream().mapToInt(Integer::intValue).toArray();
    this.byPort = new ArrayList<>(claims.values()).toArray(ServiceRoute[]::new);
  }

  static AppRoute unknown(AppId id) {
    return new AppRoute(id, null, 0, Roster.empty(BY_NODE_THEN_ID), List.of());
  }

  public AppId id() {
    return id;
  }

  /// The service on this public port, or null.
  public ServiceRoute service(int port) {
    for (int i = 0; i < ports.length; i++) {
      if (ports[i] == port) {
        return byPort[i];
      }
    }
    return null;
  }

  /// In order of their ids.
  public List<ServiceRoute> services() {
    return services;
  }

  boolean exists() {
    return exists;
  }

  /// Nothing speaks of it any more.
  boolean isVacant() {
    return !exists() && hostnames == 0 && members.isEmpty();
  }
}
