package anycast.backhaul.link;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.LogText;

/// What the ends of links and their streams mean for an exchange, and what is counted: a node and
/// an app fail in the same ways and are blamed differently.
public interface LinkFaults {
  /// No connection came about; nothing was sent.
  ///
  /// @param cause of the failed dial; null while a failed node is left alone for a moment
  Fault unreachable(Throwable cause);

  /// A connection is being made and takes longer than usual; nothing was sent.
  default Fault slow() {
    return unreachable(null);
  }

  /// The connection stands and has no room for a stream.
  ///
  /// @param upgrade the request wants to switch protocols, which this peer may not know
  Fault noStream(boolean upgrade);

  /// The peer reset the stream.
  Fault reset(int errorCode);

  /// The connection broke with the stream on it.
  Fault lost();

  /// Whether this 200 to an extended CONNECT says that the bytes behind it are the other protocol's
  /// (RFC 8441 §5).
  boolean switched(ResponseHead answer);

  /// A link stands.
  void opened();

  /// A dial came to nothing.
  void dialFailed();

  /// A dial takes longer than usual; told once.
  default void dialSlow() {}

  /// A link has stood for long enough that the way can be trusted.
  default void stands() {}

  /// A link that stood has ended.
  ///
  /// @param lost it broke, or the peer did not answer
  void closed(boolean lost);

  /// The way there and back, smoothed; 0 where it is not known.
  default long roundTripNanos() {
    return 0;
  }

  /// A PING came back.
  default void roundTrip(long nanos) {}

  /// One line for an operator.
  static String reason(Throwable cause) {
    String message = cause.getMessage();
    String name = cause.getClass().getSimpleName();
    return message == null ? name : name + ": " + LogText.escape(message);
  }
}
