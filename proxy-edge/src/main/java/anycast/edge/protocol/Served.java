package anycast.edge.protocol;

import anycast.routing.time.Ticker;

/// What a connection of any protocol is told by its listener.
///
/// @param sink where requests go
/// @param answers how faults are answered
/// @param port the public port that services are matched by
/// @param tls whether the edge terminated TLS on it
/// @param ticker the clock of the connection's event loop
/// @param refusals where malformed requests are noted
/// @param unread what waits for the clients of the connection's event loop
public record Served(
    RequestSink sink,
    FaultAnswers answers,
    int port,
    boolean tls,
    Ticker ticker,
    RefusalLog refusals,
    Unread unread) {}
