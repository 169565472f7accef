package anycast.backhaul.exchange;

import java.net.InetAddress;

/// How a request came in, as first seen by an edge.
///
/// @param id exchange id, the same on edge, worker and in the log
/// @param client address of the peer that the edge accepted
/// @param port public port it was served on
/// @param tls whether the edge terminated TLS
/// @param httpVersion `1.0`, `1.1` or `2`
/// @param startNanos ticker time of the first byte of the head
public record Arrival(
    String id, InetAddress client, int port, boolean tls, String httpVersion, long startNanos) {}
