package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.routing.pick.Candidate;

/// What became of one attempt.
///
/// @param fault null where it answered, or was given up for no fault of its own
/// @param status of the answer; 0 where none came
/// @param nanos to the answer's head, or to the end where none came
public record Tried(Candidate candidate, Fault fault, int status, long nanos) {
  /// The fault's code, the answer's status, or `-` for an attempt that was given up: the client
  /// left, or another answered sooner.
  public String outcome() {
    if (fault != null) {
      return fault.kind().code();
    }
    return status == 0 ? "-" : Integer.toString(status);
  }
}
