package anycast.edge.listener;

import anycast.backhaul.runtime.HostPort;

/// One listener of the configuration.
///
/// @param name what operators call it
/// @param listen address and port that are bound; port 0 = the kernel chooses
/// @param port public port that services are matched by
/// @param tls whether the edge terminates TLS on it
public record ListenerConfig(String name, HostPort listen, int port, boolean tls) {}
