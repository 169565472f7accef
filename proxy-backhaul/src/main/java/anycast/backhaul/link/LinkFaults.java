package anycast.backhaul.link;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.LogText;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.pick.NodePath;
import java.util.function.Supplier;

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

  /// Links to workers.
  ///
  /// @param path what is known of the way; null where the node left the table
  static LinkFaults backhaul(CounterCell counters, Supplier<NodePath> path) {
    return new LinkFaults() {
      @Override
      public void roundTrip(long nanos) {
        NodePath known = path.get();
        if (known != null) {
          known.onRoundTrip(nanos);
        }
      }

      @Override
      public long roundTripNanos() {
        NodePath known = path.get();
        return known == null ? 0 : Math.max(0, known.roundTripNanos());
      }

      @Override
      public void stands() {
        NodePath known = path.get();
        if (known != null) {
          known.onSuccess();
        }
      }

      @Override
      public void dialSlow() {
        counters.add(Counter.LINK_DIALS_SLOW);
      }

      @Override
      public Fault slow() {
        return new Fault(FaultKind.NODE_SLOW, Fault.Scope.NODE, "");
      }

      @Override
      public void opened() {
        counters.add(Counter.LINKS_OPENED);
      }

      @Override
      public void dialFailed() {
        counters.add(Counter.LINK_HANDSHAKES_FAILED);
      }

      @Override
      public void closed(boolean lost) {
        counters.add(lost ? Counter.LINKS_LOST : Counter.LINKS_CLOSED);
      }

      @Override
      public Fault unreachable(Throwable cause) {
        String detail = cause == null ? "a dial failed just now" : reason(cause);
        return new Fault(FaultKind.NODE_UNREACHABLE, Fault.Scope.NODE, detail);
      }

      @Override
      public Fault noStream(boolean upgrade) {
        return new Fault(FaultKind.NOT_PROCESSED, Fault.Scope.NODE, "all links are full");
      }

      @Override
      public Fault reset(int errorCode) {
        if (errorCode == H2Code.ENHANCE_YOUR_CALM) {
          return Fault.of(FaultKind.APP_TIMEOUT, "app takes nothing of the request");
        }
        FaultKind kind = FaultKind.ofLinkReset(errorCode);
        return Fault.of(kind, kind == FaultKind.LINK_LOST ? "stream reset " + errorCode : "");
      }

      @Override
      public Fault lost() {
        return new Fault(FaultKind.LINK_LOST, Fault.Scope.CONNECTION, "");
      }

      @Override
      public boolean switched(ResponseHead answer) {
        return BackhaulHead.isSwitched(answer.fields());
      }
    };
  }

  /// One line for an operator.
  static String reason(Throwable cause) {
    String message = cause.getMessage();
    String name = cause.getClass().getSimpleName();
    return message == null ? name : name + ": " + LogText.escape(message);
  }
}
