package anycast.routing.model;

import java.util.Map;

/// One running copy of an app, as its node published it.
///
/// @param address host or IP literal that the node's worker dials
/// @param port port that the worker dials; 0 = the service's internal port
/// @param state only `STARTED` takes requests
/// @param labels metadata that selectors match
public record Instance(
    InstanceId id,
    AppId app,
    NodeId node,
    RegionCode region,
    String address,
    int port,
    State state,
    Map<String, String> labels,
    long generation)
    implements Entity, Labels {
  public Instance {
    labels = Map.copyOf(labels);
  }

  /// Life of an instance.
  public enum State {
    CREATED,
    STARTED,
    STOPPING,
    STOPPED,
    DESTROYED
  }

  @Override
  public InstanceKey key() {
    return new InstanceKey(node, id);
  }

  /// The label `key`, of which `app`, `region`, `node` and `instance` say what the row says,
  /// whatever was written under these names.
  @Override
  public String label(String key) {
    return switch (key) {
      case "app" -> app.name();
      case "region" -> region.code();
      case "node" -> node.value();
      case "instance" -> id.value();
      default -> labels.get(key);
    };
  }
}
