package anycast.routing.model;

import static anycast.routing.model.Names.checked;

/// App name, unique in the fleet, as operators write it.
public record AppId(String name) {
  public AppId {
    checked("AppId", name);
  }

  @Override
  public String toString() {
    return name;
  }
}
