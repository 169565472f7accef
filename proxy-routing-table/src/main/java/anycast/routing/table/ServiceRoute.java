package anycast.routing.table;

import anycast.routing.model.Service;
import anycast.routing.pick.Picker;

/// A service with the picker over its instances.
public record ServiceRoute(Service service, Picker picker) {}
