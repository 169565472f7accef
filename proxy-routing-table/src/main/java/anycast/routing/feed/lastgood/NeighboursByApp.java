package anycast.routing.feed.lastgood;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
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
import java.util.ArrayList;
import java.util.List;

/// Entities in an order in which those of one app are near each other, after all that have no app.
///
/// A table of more than two million rows is built in slices, and each slice makes the apps anew
/// that it touches: in the order of instance ids, every slice would touch every app. Within a slice
/// an app's draft is found in a cache.
///
/// **Threading.** Its owner's.
final class NeighboursByApp {
  /// Power of two; at a million instances a thousand of them are together.
  private static final int PLACES = 1 << 10;

  private final List<Entity> others = new ArrayList<>();
  private final List<List<Entity>> places = new ArrayList<>(PLACES);
  private int count;

  NeighboursByApp() {
    for (int i = 0; i < PLACES; i++) {
      places.add(new ArrayList<>());
    }
  }

  void add(Entity entity) {
    AppId app = app(entity);
    if (app == null) {
      others.add(entity);
    } else {
      int hash = app.name().hashCode();
      places.get((hash ^ hash >>> 16) & PLACES - 1).add(entity);
    }
    count++;
  }

  /// All of them; this is empty afterwards.
  List<Entity> drain() {
    List<Entity> all = new ArrayList<>(count);
    all.addAll(others);
    others.clear();
    for (List<Entity> place : places) {
      all.addAll(place);
    }
    places.clear();
    return all;
  }

  private static AppId app(Entity entity) {
    return switch (entity) {
      case App a -> a.id();
      case Service s -> s.app();
      case Instance i -> i.app();
      case Hostname h -> h.app();
      case AppRegion r -> r.app();
      case Node _, Certificate _, VirtualService _, InstanceHealth _, Cordon _ -> null;
    };
  }
}
