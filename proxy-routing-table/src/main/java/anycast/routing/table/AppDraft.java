package anycast.routing.table;

import anycast.routing.model.App;
import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Service;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Locality;
import anycast.routing.pick.Picker;
import anycast.routing.pick.ServiceStats;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/// The next version of one app in the making. The writer's.
final class AppDraft {
  /// Up to here pickers are patched candidate by candidate; beyond, they are made anew.
  private static final int FEW = 4;

  final AppRoute base;
  final int slot;
  App row;
  int hostnames;
  private final TreeMap<String, Service> services = new TreeMap<>();
  private boolean servicesChanged;

  // Each key once in one of these three: an instance is settled once a delta. Shown with the first
  // service.
  private final List<Candidate> joined = new ArrayList<>(0);
  private final List<InstanceKey> left = new ArrayList<>(0);
  private final List<Candidate> renewed = new ArrayList<>(0);

  AppDraft(AppRoute base, int slot) {
    this.base = base;
    this.slot = slot;
    this.row = base.row;
    this.hostnames = base.hostnames;
    base.services().forEach(route -> services.put(route.service().id(), route.service()));
  }

  Service service(String id) {
    return services.get(id);
  }

  void put(Service service) {
    services.put(service.id(), service);
    servicesChanged = true;
  }

  void remove(String service) {
    services.remove(service);
    servicesChanged = true;
  }

  boolean servicesChanged() {
    return servicesChanged;
  }

  /// The service that an instance is shown with; null where there is none.
  Service firstService() {
    return services.isEmpty() ? null : services.firstEntry().getValue();
  }

  void join(Candidate row) {
    joined.add(row);
  }

  void leave(InstanceKey key) {
    left.add(key);
  }

  void renew(Candidate row) {
    renewed.add(row);
  }

  /// @param rows the settled row of an instance, with the first service
  AppRoute freeze(Locality self, Function<InstanceKey, Candidate> rows) {
    boolean fresh = base.members.isEmpty() && left.isEmpty();
    if (fresh) {
      joined.sort(Picker.BY_NODE_THEN_ID);
    }
    List<InstanceKey> keys =
        joined.isEmpty() ? List.of() : joined.stream().map(row -> row.instance().key()).toList();
    Roster<InstanceKey> members =
        fresh ? Roster.of(keys, AppRoute.BY_NODE_THEN_ID) : base.members.with(keys, left);
    List<ServiceRoute> routes = new ArrayList<>(services.size());
    if (servicesChanged || joined.size() + left.size() + renewed.size() > FEW) {
      List<Candidate> all = fresh ? joined : members.members().stream().map(rows).toList();
      for (Service service : services.values()) {
        Picker picker = Picker.of(self, service, all.stream().map(c -> of(service, c)).toList());
        routes.add(new ServiceRoute(service, picker, stats(service)));
      }
    } else {
      for (ServiceRoute route : base.services()) {
        routes.add(new ServiceRoute(route.service(), patched(route), route.stats()));
      }
    }
    return new AppRoute(base.id(), row, hostnames, members, routes);
  }

  private ServiceStats stats(Service service) {
    for (ServiceRoute route : base.services()) {
      if (route.service().id().equals(service.id())) {
        return route.stats();
      }
    }
    return new ServiceStats();
  }

  private Picker patched(ServiceRoute route) {
    Picker picker = route.picker();
    for (InstanceKey key : left) {
      picker = picker.without(key);
    }
    for (Candidate row : joined) {
      picker = picker.with(of(route.service(), row));
    }
    for (Candidate row : renewed) {
      picker = picker.with(of(route.service(), row));
    }
    return picker;
  }

  private static Candidate of(Service service, Candidate row) {
    return row.service() == service ? row : row.with(service);
  }
}
