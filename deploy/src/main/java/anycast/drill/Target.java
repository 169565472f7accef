package anycast.drill;

/// Where requests go.
///
/// @param label what the counts stand under: the first name of the host
/// @param edge `ip:port` of one edge's TLS listener
record Target(String label, String host, String edge) {}
