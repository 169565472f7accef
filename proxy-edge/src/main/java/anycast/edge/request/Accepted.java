package anycast.edge.request;

import java.net.InetAddress;

/// A connection that a listener took.
///
/// @param listener name of the listener in the configuration
/// @param port public port that services are matched by; not the one bound
/// @param client address of the peer
/// @param local address that the peer dialled
/// @param own whether the peer is this process, which asks itself whether it serves
public record Accepted(
    String listener, int port, InetAddress client, InetAddress local, boolean own) {
  /// Of somebody else.
  public Accepted(String listener, int port, InetAddress client, InetAddress local) {
    this(listener, port, client, local, false);
  }
}
