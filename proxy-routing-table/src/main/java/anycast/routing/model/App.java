package anycast.routing.model;

/// A tenant's application: what hostnames point at and services belong to.
public record App(AppId id, long generation) implements Entity {
  @Override
  public AppKey key() {
    return new AppKey(id);
  }
}
