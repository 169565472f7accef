package anycast.backhaul.health;

import anycast.routing.model.HealthCheck;
import anycast.routing.model.Instance;
import anycast.routing.model.Service;
import anycast.routing.table.AppRoute;
import anycast.routing.table.ServiceRoute;
import java.util.ArrayList;
import java.util.List;

/// One check of one instance: what is done, and where.
///
/// @param service whose check it is
record Aim(String service, HealthCheck check, String host, int port) {
  /// More of one instance are a mistake: each is a connection every few seconds.
  static final int MOST = 16;

  /// All checks of an instance: those of all services of its app.
  ///
  /// @param app null where nothing is known of it
  static List<Aim> of(Instance instance, AppRoute app) {
    List<Aim> aims = new ArrayList<>();
    for (ServiceRoute route : app == null ? List.<ServiceRoute>of() : app.services()) {
      Service service = route.service();
      int usual = instance.port() == 0 ? service.internalPort() : instance.port();
      for (HealthCheck check : service.policy().checks()) {
        if (aims.size() < MOST) {
          int port = check.port() == 0 ? usual : check.port();
          aims.add(new Aim(service.id(), check, instance.address(), port));
        }
      }
    }
    return List.copyOf(aims);
  }
}
