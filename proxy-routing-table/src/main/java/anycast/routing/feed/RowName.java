package anycast.routing.feed;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import java.util.List;
import java.util.StringJoiner;

/// What to call a row.
public final class RowName {
  private RowName() {}

  /// Its key cells as far as they are legible, else its rowid.
  static String of(Table table, long rowid, Cells cells) {
    if (!(cells instanceof Cells.Values(List<Object> values))
        || values.size() < table.key().size()) {
      return "rowid " + rowid;
    }
    StringJoiner name = new StringJoiner("/");
    for (int i = 0; i < table.key().size(); i++) {
      Object cell = values.get(i);
      if (!(cell instanceof String) && !(cell instanceof Number)) {
        return "rowid " + rowid;
      }
      name.add(Legible.text(cell.toString()));
    }
    return name.toString();
  }

  /// @param key an [Entity.Key], the node of a beat, or a [Decoded.RejectKey]
  public static String of(Object key) {
    String name =
        switch (key) {
          case NodeId node -> node.value();
          case Decoded.RejectKey(NodeId node, String hash) -> node.value() + "/" + hash;
          default -> routed((Entity.Key) key);
        };
    return Legible.text(name);
  }

  private static String routed(Entity.Key key) {
    return switch (key) {
      case Entity.AppKey(AppId app) -> app.name();
      case Entity.ServiceKey(AppId app, String service) -> app.name() + "/" + service;
      case Entity.InstanceKey(NodeId node, InstanceId id) -> node.value() + "/" + id.value();
      case Entity.NodeKey(NodeId node) -> node.value();
      case Entity.HostnameKey(String host) -> host;
      case Entity.CertificateKey(String host) -> host;
      case Entity.VirtualServiceKey(String virtual) -> virtual;
      case Entity.AppRegionKey(AppId app, NodeId node) -> app.name() + "/" + node.value();
      case Entity.InstanceHealthKey(NodeId node, InstanceId id) -> node.value() + "/" + id.value();
      case Entity.CordonKey(NodeId node, InstanceId id) -> node.value() + "/" + id.value();
    };
  }
}
