package anycast.backhaul.link;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.pick.NodePath;
import java.util.function.Supplier;

/// Of links to workers.
///
/// **Threading.** One event loop.
final class BackhaulFaults implements LinkFaults {
  private final CounterCell counters;
  private final Supplier<NodePath> path;

  /// @param path what is known of the way; null where the node left the table
  BackhaulFaults(CounterCell counters, Supplier<NodePath> path) {
    this.counters = counters;
    this.path = path;
  }

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
    String detail = cause == null ? "a dial failed just now" : LinkFaults.reason(cause);
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
}
