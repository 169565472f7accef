package anycast.edge.request;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.routing.model.AppId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Picker;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.ServiceRoute;
import java.util.Set;
import java.util.stream.Collectors;

/// Why nobody takes a request, as a fault.
final class Shortfall {
  /// Enough to see where, short enough for a header.
  private static final int MAX_NAMED_REGIONS = 8;

  private Shortfall() {}

  /// Why nobody of an app's service does.
  static Fault ofService(RoutingSnapshot world, ServiceRoute route, PickResult.None none) {
    return switch (none.why()) {
      case NOT_RUNNING -> notRunning(world, route.service().app(), route.picker(), none.reason());
      case NOT_READY -> Fault.of(FaultKind.NOT_READY, none.reason());
      case WISH -> Fault.of(FaultKind.WISH_UNMET, none.reason());
    };
  }

  /// Nodes may count instances in regions from which not one is known: their own state is not
  /// followed here, or has not come in yet.
  private static Fault notRunning(RoutingSnapshot world, AppId app, Picker picker, String reason) {
    Set<RegionCode> known =
        picker.candidates().stream()
            .map(candidate -> candidate.instance().region())
            .collect(Collectors.toSet());
    String elsewhere =
        world.regions(app).stream()
            .filter(count -> count.instances() > 0 && !known.contains(count.region()))
            .map(count -> count.region().code())
            .distinct()
            .sorted()
            .limit(MAX_NAMED_REGIONS)
            .collect(Collectors.joining(", "));
    return elsewhere.isEmpty()
        ? Fault.of(FaultKind.NO_INSTANCE, reason)
        : Fault.of(FaultKind.REGION_NOT_KNOWN, "runs in " + elsewhere);
  }
}
