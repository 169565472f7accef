package anycast.routing.table;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Service;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;

/// An app with its services, ready to route. Immutable.
///
/// An app exists as soon as its own row or a row of one of its services does. Before that, and
/// after both went, it is the place where hostnames and instances that arrived early wait.
public final class AppRoute {
  static final Comparator<InstanceKey> BY_NODE_THEN_ID =
      (one, other) -> {
        int order = one.node().value().compareTo(other.node().value());
        return order != 0 ? order : one.instance().value().compareTo(other.instance().value());
      };

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

  /// What a lookup answers that ends here, ready made.
  final Destination.ByApp destination = new Destination.ByApp(this);

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
    long[] claims = claims(this.services);
    this.ports = new int[claims.length];
    this.byPort = new ServiceRoute[claims.length];
    for (int i = 0; i < claims.length; i++) {
      ports[i] = (int) (claims[i] >>> 32);
      byPort[i] = this.services.get((int) claims[i]);
    }
  }

  /// Who has which port: the port, then the service's index. Every change of an instance comes by.
  private static long[] claims(List<ServiceRoute> services) {
    int count = 0;
    for (ServiceRoute service : services) {
      count += service.service().ports().size();
    }
    long[] claims = new long[count];
    count = 0;
    for (int i = 0; i < services.size(); i++) {
      for (int port : services.get(i).service().ports()) {
        claims[count++] = (long) port << 32 | i;
      }
    }
    Arrays.sort(claims);
    int kept = 0;
    for (long claim : claims) {
      if (kept == 0 || claims[kept - 1] >>> 32 != claim >>> 32) {
        claims[kept++] = claim;
      }
    }
    return Arrays.copyOf(claims, kept);
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

  /// The service that an instance is shown with; null where there is none.
  Service firstService() {
    return services.isEmpty() ? null : services.getFirst().service();
  }

  /// The service with this internal port, by its id the first of several; where there is none, one
  /// that speaks HTTP/1 and has no limits.
  Service onInternalPort(int port) {
    for (ServiceRoute route : services) {
      if (route.service().internalPort() == port) {
        return route.service();
      }
    }
    return new Service(
        id, "port-" + port, List.of(), port, Service.AppProtocol.HTTP1, false, 0, 0, 0);
  }

  void eachPort(IntConsumer each) {
    for (int port : ports) {
      each.accept(port);
    }
  }

  boolean exists() {
    return exists;
  }

  /// Nothing speaks of it any more.
  boolean isVacant() {
    return !exists() && hostnames == 0 && members.isEmpty();
  }
}
