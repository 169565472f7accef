package anycast.routing.table;

import anycast.routing.model.rule.LabelSelector;
import anycast.routing.pick.Picker;
import anycast.routing.pick.ServiceStats;
import java.util.List;

/// The instances that a selector takes, on one of their ports.
///
/// @param port as in the rule's target: an internal port; 0 = the service on the public port that
///   was asked
/// @param picker over all of them: with the service of that internal port, or an implied one; for
///   port 0 with their first service, to be shown only
/// @param stats shared by all versions of the group
/// @param onPorts for port 0, what each public port leads to
public record TargetGroup(
    LabelSelector selector, int port, Picker picker, ServiceStats stats, List<OnPort> onPorts) {
  /// Those whose app has a service on this public port, with that service.
  public record OnPort(int port, Picker picker) {}

  public TargetGroup {
    onPorts = List.copyOf(onPorts);
  }

  /// One whose picker serves every public port.
  public TargetGroup(LabelSelector selector, int port, Picker picker, ServiceStats stats) {
    this(selector, port, picker, stats, List.of());
  }

  /// The picker for a request that came in on a public port.
  public Picker picker(int publicPort) {
    for (int i = 0; i < onPorts.size(); i++) {
      if (onPorts.get(i).port() == publicPort) {
        return onPorts.get(i).picker();
      }
    }
    // Nobody serves this port: the last one stands for it, and picks nobody.
    return onPorts.isEmpty() ? picker : onPorts.getLast().picker();
  }
}
