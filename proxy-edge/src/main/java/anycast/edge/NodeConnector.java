package anycast.edge;

import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.Connector;
import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;

/// The way to instances where one node is this host: those are reached without a link.
///
/// **Threading.** As the two that it chooses from.
///
/// @param near the node whose instances run here
/// @param here how those are reached
/// @param elsewhere how all others are
record NodeConnector(NodeId near, Connector here, Connector elsewhere) implements Connector {
  private Connector of(Candidate candidate) {
    return candidate.instance().node().equals(near) ? here : elsewhere;
  }

  @Override
  public boolean reserve(Candidate candidate) {
    return of(candidate).reserve(candidate);
  }

  @Override
  public void release(Candidate candidate) {
    of(candidate).release(candidate);
  }

  @Override
  public Upstream open(Attempt attempt, UpstreamEvents events) {
    return of(attempt.candidate()).open(attempt, events);
  }

  /// A plan may have candidates of both kinds.
  @Override
  public int replayBytes() {
    return Math.max(here.replayBytes(), elsewhere.replayBytes());
  }
}
