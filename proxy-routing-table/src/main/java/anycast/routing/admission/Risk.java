package anycast.routing.admission;

import anycast.routing.model.App;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.Node;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;

/// How much of an entity's content decides which code runs.
enum Risk {
  /// Of a fixed shape: whatever it says, the same code reads it.
  NONE,
  /// An instance with something new. Requests go where it says, so it cannot wait long.
  INSTANCE,
  /// An instance whose way is as before, with other labels.
  LABELS,
  /// It says how requests are treated.
  RULE;

  /// @param before what of this key is in force; null = nothing
  static Risk of(Entity entity, Entity before) {
    return switch (entity) {
      case VirtualService _, Service _, App _, Hostname _, Certificate _ -> RULE;
      case Instance instance -> of(instance, (Instance) before);
      case Node _, AppRegion _, InstanceHealth _, Cordon _ -> NONE;
    };
  }

  private static Risk of(Instance instance, Instance before) {
    if (before == null) {
      return instance.labels().isEmpty() ? NONE : INSTANCE;
    }
    boolean way =
        instance.app().equals(before.app())
            && instance.address().equals(before.address())
            && instance.port() == before.port();
    if (!way) {
      return INSTANCE;
    }
    if (instance.labels().equals(before.labels())) {
      return NONE;
    }
    return instance.state() == before.state() ? LABELS : INSTANCE;
  }

  /// Whether it can stay as it was for minutes.
  boolean canWait() {
    return this == RULE || this == LABELS;
  }
}
