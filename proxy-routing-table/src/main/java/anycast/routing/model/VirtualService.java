package anycast.routing.model;

import anycast.routing.model.rule.RuleSet;

/// A virtual service as its author wrote it, and as it was read; compiled by package `virtual`.
///
/// @param document YAML
/// @param rules what the document says
public record VirtualService(String name, String document, long generation, RuleSet rules)
    implements Entity {
  /// One whose document says nothing.
  public VirtualService(String name, String document, long generation) {
    this(name, document, generation, RuleSet.NONE);
  }

  @Override
  public VirtualServiceKey key() {
    return new VirtualServiceKey(name);
  }
}
