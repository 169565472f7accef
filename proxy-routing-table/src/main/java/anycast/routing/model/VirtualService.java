package anycast.routing.model;

/// A virtual service as its author wrote it; compiled by package `virtual`.
public record VirtualService(String name, String document, long generation) implements Entity {
  @Override
  public VirtualServiceKey key() {
    return new VirtualServiceKey(name);
  }
}
