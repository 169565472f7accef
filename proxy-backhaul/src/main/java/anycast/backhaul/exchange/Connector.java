package anycast.backhaul.exchange;

import anycast.routing.pick.Candidate;

/// Opens an attempt: on the edge a stream on a link to the candidate's node, on a worker a
/// connection to the app.
///
/// **Threading.** Called on the exchange's event loop; what it opens lives there.
public interface Connector {
  /// Counts one more exchange on the candidate's load, or says no.
  ///
  /// An edge only guesses and always says yes; so does the worker, which counts when the attempt is
  /// opened and has room, because one that waits takes no place. The engine gives back what was
  /// reserved by [#release], once.
  boolean reserve(Candidate candidate);

  /// The attempt for which `candidate` was reserved is over.
  default void release(Candidate candidate) {
    candidate.load().end();
  }

  /// Begins the attempt and returns at once; a fault may come before it returns, nothing else may.
  Upstream open(Attempt attempt, UpstreamEvents events);

  /// Request bytes that may be under way before the other end has taken the request: the engine
  /// keeps as many, so that a refusal loses nothing. 0 where the connection stands before any byte.
  int replayBytes();
}
