package anycast.routing.table;

import anycast.routing.model.Service;
import anycast.routing.pick.Picker;
import anycast.routing.pick.ServiceStats;

/// A service with the picker over its instances.
///
/// @param stats shared by all versions of the service
public record ServiceRoute(Service service, Picker picker, ServiceStats stats) {}
