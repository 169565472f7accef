package anycast.backhaul.identity;

import io.netty.handler.ssl.SslContext;
import java.time.Instant;
import java.time.InstantSource;

/// What this node proves to its peers, and whom it believes.
public final class Identity {
  private Identity() {}

  /// Loads and checks the files.
  ///
  /// **Faults.** `IdentityProblem` naming the file: not PEM, key of another certificate, expired or
  /// not yet valid, not issued by this CA, no node named in it.
  public static Identity load(IdentityFiles files, InstantSource clock) throws IdentityProblem {
    throw new UnsupportedOperationException(files + " " + clock);
  }

  /// Who this node is.
  public PeerIdentity self() {
    throw new UnsupportedOperationException();
  }

  /// When the certificate ends; links cannot be made after it.
  public Instant validUntil() {
    throw new UnsupportedOperationException();
  }

  /// For the side that accepts links: asks for a client certificate and takes none but the CA's.
  public SslContext linkServer() {
    throw new UnsupportedOperationException();
  }

  /// For the side that opens links. Host names are not checked: [PeerCheck#node] is.
  public SslContext linkClient() {
    throw new UnsupportedOperationException();
  }
}
