package anycast.edge.request;

import anycast.edge.tls.CertifiedNames;

/// An accepted connection that may carry requests: after the handshake, or at once where the
/// listener is plain.
///
/// @param names what the certificate vouches for; null without TLS
public record Secured(Accepted accepted, CertifiedNames names) {
  public boolean tls() {
    return names != null;
  }
}
