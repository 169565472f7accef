package anycast.routing.pick;

import java.util.List;

/// Routable candidates that are equally near.
///
/// @param candidates by node, then by id
public record Tier(Nearness nearness, List<Candidate> candidates) {
  /// How near, nearest first.
  public enum Nearness {
    SAME_NODE,
    SAME_REGION,
    ELSEWHERE
  }

  static Nearness nearness(Locality self, Candidate candidate) {
    if (candidate.node().id().equals(self.node())) {
      return Nearness.SAME_NODE;
    }
    return candidate.node().region().equals(self.region())
        ? Nearness.SAME_REGION
        : Nearness.ELSEWHERE;
  }
}
