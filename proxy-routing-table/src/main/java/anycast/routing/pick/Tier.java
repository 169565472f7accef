package anycast.routing.pick;

import java.util.List;

/// Candidates in use that are about equally near, as an operator sees them.
///
/// @param name of the band of round trips, e.g. `same node`, `under 9 ms`
/// @param members by node, then by id
public record Tier(String name, List<Member> members) {
  /// One of them, at the moment of asking.
  ///
  /// @param roundTripNanos to its node; -1 where nothing is known
  /// @param estimated taken from others of its region, not measured
  /// @param inFlight exchanges, as far as is known: ours exactly, those of others as reported
  /// @param latencyNanos recent, peaks remembered; -1 where unknown
  /// @param ejected left alone because it, or the way to it, fails
  public record Member(
      Candidate candidate,
      long roundTripNanos,
      boolean estimated,
      int inFlight,
      long latencyNanos,
      boolean ejected) {}

  /// The members alone.
  public List<Candidate> candidates() {
    return members.stream().map(Member::candidate).toList();
  }
}
