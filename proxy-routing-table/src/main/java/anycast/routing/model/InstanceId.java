package anycast.routing.model;

import static anycast.routing.model.Names.checked;

/// Identity of one running copy of an app; never reused.
public record InstanceId(String value) {
  public InstanceId {
    checked("InstanceId", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
