package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;
import anycast.routing.pick.Candidate;

/// What is known of an exchange when it has ended: one per exchange, the same id on edge and
/// worker.
///
/// @param head as it went upstream; what a client sent is in it: escape before logging
/// @param last candidate of the last attempt, null where none was opened
/// @param attempts opened
/// @param status of the response that was sent; 0 = none
/// @param fault how it ended badly, null where it ended well
public record ExchangeRecord(
    Arrival arrival,
    RequestHead head,
    Candidate last,
    int attempts,
    int status,
    Fault fault,
    Measure measure) {
  /// @param requestBytes body bytes that came
  /// @param responseBytes body bytes that went
  /// @param firstByteNanos from arrival to the final response head; -1 where none came
  /// @param totalNanos from arrival to the end
  public record Measure(
      long requestBytes, long responseBytes, long firstByteNanos, long totalNanos) {}
}
