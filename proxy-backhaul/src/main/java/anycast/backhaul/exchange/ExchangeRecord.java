package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;
import anycast.routing.pick.Candidate;
import java.util.List;

/// What is known of an exchange when it has ended: one per exchange, the same id on edge and
/// worker.
///
/// @param head as it went upstream; what a client sent is in it: escape before logging
/// @param rule that decided, as `service/rule`; empty where none did, or no plan was made
/// @param last candidate of the last attempt, null where none was opened
/// @param attempts opened
/// @param decided the plan's candidates in its order; empty where there was no plan to forward
/// @param tries what was tried and what became of it, in order of their ends; at most 16
/// @param status of the response that was sent; 0 = none
/// @param fault how it ended badly, null where it ended well
public record ExchangeRecord(
    Arrival arrival,
    RequestHead head,
    String rule,
    Candidate last,
    int attempts,
    List<Candidate> decided,
    List<Tried> tries,
    int status,
    Fault fault,
    Measure measure) {
  /// A request that was refused before anything was tried.
  public static ExchangeRecord refused(
      Arrival arrival, RequestHead head, Fault fault, long nowNanos) {
    return new ExchangeRecord(
        arrival,
        head,
        "",
        null,
        0,
        List.of(),
        List.of(),
        fault.kind().status(),
        fault,
        new Measure(0, 0, -1, nowNanos - arrival.startNanos()));
  }

  /// @param requestBytes body bytes that came
  /// @param responseBytes body bytes that went
  /// @param firstByteNanos from arrival to the final response head; -1 where none came
  /// @param totalNanos from arrival to the end
  public record Measure(
      long requestBytes, long responseBytes, long firstByteNanos, long totalNanos) {}
}
