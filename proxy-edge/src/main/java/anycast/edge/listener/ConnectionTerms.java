package anycast.edge.listener;

import anycast.backhaul.link.PerLoop;
import anycast.backhaul.runtime.Counters;
import anycast.edge.protocol.FaultAnswers;
import anycast.edge.protocol.Http1Limits;
import anycast.edge.protocol.Http2Limits;
import anycast.edge.protocol.RefusalLog;
import anycast.edge.protocol.Unread;
import anycast.edge.tls.TlsSettings;
import anycast.routing.time.Ticker;

/// On what terms clients are served: shared by all connections of all listeners.
///
/// @param sinks where requests go
/// @param answers how faults are answered
/// @param tls certificates and handshakes
/// @param limits of connections
/// @param counters of the process
/// @param ticker the loops' clock
/// @param refusals where malformed requests are noted
/// @param unread what waits for clients, a loop each
public record ConnectionTerms(
    SinkByConnection sinks,
    FaultAnswers answers,
    TlsSettings tls,
    Limits limits,
    Counters counters,
    Ticker ticker,
    RefusalLog refusals,
    PerLoop<Unread> unread) {
  /// @param connections open at a time over all listeners
  public record Limits(int connections, Http1Limits http1, Http2Limits http2) {
    /// 20,000 connections with TLS and idle streams are about 1 GiB.
    public static final int CONNECTIONS = 20_000;

    public static Limits publicSide() {
      return new Limits(CONNECTIONS, Http1Limits.publicSide(), Http2Limits.publicSide());
    }
  }
}
