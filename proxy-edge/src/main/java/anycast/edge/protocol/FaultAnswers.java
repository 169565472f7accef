package anycast.edge.protocol;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.ResponseHead;

/// Makes the answer to a client out of a fault.
///
/// **Threading.** Any event loop. The head's fields belong to the caller, who adds framing.
public interface FaultAnswers {
  /// @param exchangeId id of the exchange, or a fresh one where no exchange began
  ResponseHead answer(Fault fault, String exchangeId);

  /// Text for whoever reads the answer, in US-ASCII; the head says `content-type: text/plain`. Not
  /// for HEAD. May be empty.
  default byte[] body(Fault fault, String exchangeId) {
    return new byte[0];
  }
}
