package anycast.routing.model;

import static anycast.routing.model.Names.checked;

/// Name of a host that runs an edge or a worker.
public record NodeId(String value) {
  public NodeId {
    checked("NodeId", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
