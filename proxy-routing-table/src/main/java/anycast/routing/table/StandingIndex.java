package anycast.routing.table;

import anycast.routing.model.Cordon;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Standing;

/// What is said of instances by others than their row: by their checks and by the operator. Rows
/// may be there before their instance, and after it.
///
/// **Threading.** Immutable. An [Edit] is one thread's.
///
/// @param health by node and id, as [#name] makes one text of both
/// @param cordons the same
record StandingIndex(ShardMap<Named<InstanceHealth>> health, ShardMap<Named<Cordon>> cordons) {
  static final StandingIndex EMPTY = new StandingIndex(Named.map(), Named.map());

  /// Neither name has a slash.
  private static String name(NodeId node, InstanceId instance) {
    return node.value() + "/" + instance.value();
  }

  InstanceHealth health(NodeId node, InstanceId instance) {
    Named<InstanceHealth> entry = health.find(name(node, instance), 0);
    return entry == null ? null : entry.value;
  }

  Cordon cordon(NodeId node, InstanceId instance) {
    Named<Cordon> entry = cordons.find(name(node, instance), 0);
    return entry == null ? null : entry.value;
  }

  Edit edit() {
    return new Edit(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final StandingIndex base;
    private final ShardMap.Edit<Named<InstanceHealth>> health;
    private final ShardMap.Edit<Named<Cordon>> cordons;

    private Edit(StandingIndex base) {
      this.base = base;
      this.health = base.health.edit();
      this.cordons = base.cordons.edit();
    }

    /// @return whether it differs from what was known
    boolean put(InstanceHealth row) {
      return put(health, name(row.node(), row.instance()), row);
    }

    /// @return whether it differs from what was known
    boolean put(Cordon row) {
      return put(cordons, name(row.node(), row.instance()), row);
    }

    private static <R> boolean put(ShardMap.Edit<Named<R>> rows, String name, R row) {
      Named<R> known = rows.find(name);
      if (known != null && known.value.equals(row)) {
        return false;
      }
      rows.put(new Named<>(name, row));
      return true;
    }

    /// @return whether it was known
    boolean removeHealth(NodeId node, InstanceId instance) {
      return remove(health, name(node, instance));
    }

    /// @return whether it was known
    boolean removeCordon(NodeId node, InstanceId instance) {
      return remove(cordons, name(node, instance));
    }

    private static <R> boolean remove(ShardMap.Edit<Named<R>> rows, String name) {
      Named<R> known = rows.find(name);
      if (known == null) {
        return false;
      }
      rows.remove(known);
      return true;
    }

    /// The operator's word counts before the checks'; an instance of which nobody speaks is ready.
    Standing standing(NodeId node, InstanceId instance) {
      if (health.isEmpty() && cordons.isEmpty()) {
        return Standing.READY;
      }
      String name = name(node, instance);
      if (cordons.find(name) != null) {
        return Standing.CORDONED;
      }
      Named<InstanceHealth> found = health.find(name);
      return found == null
          ? Standing.READY
          : switch (found.value.status()) {
            case PASSING -> Standing.READY;
            case FAILING -> Standing.FAILING;
            case LAGGING -> Standing.LAGGING;
          };
    }

    StandingIndex freeze() {
      ShardMap<Named<InstanceHealth>> nextHealth = health.freeze();
      ShardMap<Named<Cordon>> nextCordons = cordons.freeze();
      return nextHealth == base.health && nextCordons == base.cordons
          ? base
          : new StandingIndex(nextHealth, nextCordons);
    }
  }
}
