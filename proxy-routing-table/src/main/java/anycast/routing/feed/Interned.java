package anycast.routing.feed;

import anycast.routing.model.AppId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import java.util.Map;
import java.util.function.Function;

/// What many rows have in common, once: a million instances name a few thousand apps and nodes.
///
/// Each kind has a fixed number of places, chosen by hash; a newcomer takes the place of who was
/// there. So it cannot grow, and names that collide by chance or by choice only lose their sharing.
///
/// **Threading.** One thread's, except [#none], which is stateless.
public final class Interned {
  private static final Interned NONE = new Interned(0, 0, 0);

  private final Places<AppId> apps;
  private final Places<NodeId> nodes;
  private final Places<RegionCode> regions;
  private final Places<String> texts;
  private final Places<Labels> labels;

  private record Labels(String text, Map<String, String> parsed) {}

  private Interned(int many, int some, int few) {
    apps = new Places<>(many, AppId::new, AppId::name);
    nodes = new Places<>(some, NodeId::new, NodeId::value);
    regions = new Places<>(few, RegionCode::new, RegionCode::code);
    texts = new Places<>(many, Function.identity(), Function.identity());
    labels = new Places<>(some, text -> new Labels(text, JsonCells.labels(text)), Labels::text);
  }

  /// Empty places: about 1 MB.
  public static Interned places() {
    return new Interned(1 << 17, 1 << 14, 1 << 9);
  }

  /// Shares nothing.
  public static Interned none() {
    return NONE;
  }

  AppId app(String name) {
    return apps.of(name);
  }

  NodeId node(String value) {
    return nodes.of(value);
  }

  RegionCode region(String code) {
    return regions.of(code);
  }

  String text(String text) {
    return texts.of(text);
  }

  Map<String, String> labels(String json) {
    return json.equals("{}") ? Map.of() : labels.of(json).parsed();
  }

  private static final class Places<T> {
    private final Object[] places;
    private final Function<String, T> made;
    private final Function<T, String> named;

    Places(int places, Function<String, T> made, Function<T, String> named) {
      this.places = new Object[places];
      this.made = made;
      this.named = named;
    }

    T of(String text) {
      if (places.length == 0) {
        return made.apply(text);
      }
      int hash = text.hashCode() * 0x9e3779b9;
      int place = (hash ^ hash >>> 16) & places.length - 1;
      // Only T is ever put in.
      @SuppressWarnings("unchecked")
      T there = (T) places[place];
      if (there != null && named.apply(there).equals(text)) {
        return there;
      }
      T fresh = made.apply(text);
      places[place] = fresh;
      return fresh;
    }
  }
}
