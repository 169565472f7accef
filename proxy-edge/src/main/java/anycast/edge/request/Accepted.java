package anycast.edge.request;

import java.net.InetAddress;

/// A connection that a listener took.
///
/// @param listener name of the listener in the configuration
/// @param port public port that services are matched by; not the one bound
/// @param client address of the peer
/// @param local address that the peer dialled
public record Accepted(String listener, int port, InetAddress client, InetAddress local) {}
