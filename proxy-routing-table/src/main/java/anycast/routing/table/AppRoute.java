package anycast.routing.table;

import anycast.routing.model.AppId;
import java.util.List;

/// An app with its services, ready to route. Immutable.
public final class AppRoute {
  public AppId id() {
    throw new UnsupportedOperationException("A");
  }

  /// The service on this public port, or null.
  public ServiceRoute service(int port) {
    throw new UnsupportedOperationException("A");
  }

  public List<ServiceRoute> services() {
    throw new UnsupportedOperationException("A");
  }
}
