package anycast.routing.admission;

import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.table.Change;
import anycast.routing.table.LabelRoute;

/// A change on its way into force.
///
/// @param index in its delta; -1 = it stands in for one that is kept out
/// @param turn counts all changes ever: of two of a key the later one is what the feeds say
/// @param risky whether what it says decides where requests go, so that it has to prove itself
/// @param hash what it says; none where it is not risky
/// @param before what of its key is in force; null = nothing
record Item(int index, long turn, Change change, boolean risky, ContentHash hash, Entity before) {
  /// Whether it puts this very entity.
  boolean isPut(Entity of) {
    return change instanceof Change.Put(Entity entity) && entity == of;
  }

  /// Whether it is of a fixed shape, and no rule is compiled for it: nodes, health, instances that
  /// come and go.
  boolean isPlain() {
    return switch (change) {
      case Change.Put(Entity entity) -> Risk.of(entity, before) == Risk.NONE && !makesRules(entity);
      case Change.Remove _ -> !takesARoute() && !makesRules(before);
    };
  }

  private static boolean makesRules(Entity entity) {
    return entity instanceof Instance instance && instance.labels().containsKey(LabelRoute.HOST);
  }

  /// Whether requests may find less when it is gone.
  boolean takesARoute() {
    return switch (change) {
      case Change.Put _ -> false;
      case Change.Remove(Entity.Key key) ->
          switch (key) {
            case Entity.AppKey _,
                Entity.ServiceKey _,
                Entity.HostnameKey _,
                Entity.CertificateKey _,
                Entity.VirtualServiceKey _ ->
                true;
            case Entity.InstanceKey _,
                Entity.NodeKey _,
                Entity.AppRegionKey _,
                Entity.InstanceHealthKey _,
                Entity.CordonKey _ ->
                false;
          };
    };
  }
}
