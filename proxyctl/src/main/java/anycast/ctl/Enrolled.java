package anycast.ctl;

import anycast.routing.model.Cordon;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// An instance's row with what others say of it.
///
/// @param health null = its worker says nothing: no checks, or none has ended yet
/// @param cordon null = it is not cordoned
record Enrolled(Instance instance, InstanceHealth health, Cordon cordon) {
  /// Whether edges may choose it.
  boolean isFit() {
    return instance.state() == Instance.State.STARTED
        && (health == null || health.status() == InstanceHealth.Status.PASSING);
  }

  String healthWord() {
    return health == null ? "unknown" : word(health.status());
  }

  /// Why it is not fit.
  String trouble() {
    if (instance.state() != Instance.State.STARTED) {
      return "is " + word(instance.state());
    }
    return "is " + healthWord() + (health.detail().isEmpty() ? "" : ": " + health.detail());
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT);
  }

  /// @param routed whether requests go there once all is written
  void tell(ObjectNode row, boolean routed) {
    row.put("instance", instance.id().value());
    row.put("app", instance.app().name());
    row.put("node", instance.node().value());
    row.put("state", word(instance.state()));
    row.put("health", healthWord());
    row.put("before", cordon == null ? "in" : "out");
    row.put("after", routed ? "in" : "out");
    row.put("reason", cordon == null ? "" : cordon.reason());
  }
}
