package anycast.backhaul.worker;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.H2Code;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.link.LinkFaults;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;

/// What failures of an app's connection mean.
record AppFaults(CounterCell counters) implements LinkFaults {
  @Override
  public void opened() {
    counters.add(Counter.APP_CONNECTS);
  }

  @Override
  public void dialFailed() {
    counters.add(Counter.APP_CONNECTS_FAILED);
  }

  @Override
  public void closed(boolean lost) {
    if (lost) {
      counters.add(Counter.APP_CONNECTIONS_STALE);
    }
  }

  @Override
  public Fault unreachable(Throwable cause) {
    return connect(cause);
  }

  /// What a connect that failed says; the app got nothing.
  static Fault connect(Throwable cause) {
    FaultKind kind =
        switch (cause) {
          case ConnectTimeoutException _ -> FaultKind.APP_CONNECT_TIMEOUT;
          case NoRouteToHostException _ -> FaultKind.APP_UNREACHABLE;
          case UnknownHostException _ -> FaultKind.APP_UNREACHABLE;
          case ConnectException _ -> FaultKind.APP_REFUSED;
          case null, default -> FaultKind.APP_UNREACHABLE;
        };
    return Fault.of(kind, cause == null ? "" : LinkFaults.reason(cause));
  }

  @Override
  public Fault noStream(boolean upgrade) {
    return upgrade
        ? Fault.of(FaultKind.APP_NO_UPGRADE, "the app's HTTP/2 offers no extended CONNECT")
        : Fault.of(FaultKind.NOT_PROCESSED, "all connections to the app are full");
  }

  @Override
  public Fault reset(int errorCode) {
    return switch (errorCode) {
      case H2Code.REFUSED_STREAM -> Fault.of(FaultKind.NOT_PROCESSED, "refused by the app");
      case H2Code.PROTOCOL_ERROR -> Fault.of(FaultKind.APP_PROTOCOL, "stream reset 1");
      default -> Fault.of(FaultKind.APP_RESET, "stream reset " + errorCode);
    };
  }

  @Override
  public Fault lost() {
    return Fault.of(FaultKind.APP_RESET, "connection lost");
  }

  @Override
  public boolean switched(ResponseHead answer) {
    return true;
  }
}
