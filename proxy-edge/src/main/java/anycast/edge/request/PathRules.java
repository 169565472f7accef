package anycast.edge.request;

import anycast.routing.virtual.PathPolicy;

/// What an edge does with paths that can be read in two ways.
///
/// @param policy how they are brought into canonical form
/// @param hosts where this is done
public record PathRules(PathPolicy policy, Hosts hosts) {
  /// Strict where rules look at paths; apps that no rule stands before read what the client sent.
  public static final PathRules USUAL = new PathRules(PathPolicy.SAFE, Hosts.RULED);

  /// Which hosts.
  public enum Hosts {
    /// Those of virtual services.
    RULED,
    ALL
  }
}
