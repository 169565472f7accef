package anycast.edge.tls;

import anycast.backhaul.runtime.LogRate;
import anycast.routing.model.Certificate;
import io.netty.util.AttributeKey;
import java.util.function.Function;

/// What all TLS connections of the process share.
///
/// @param certificates the certificate for a server name in the snapshot of this moment, or null;
///   the argument is null where the client sent none
/// @param store loaded certificates
/// @param lines bounds the log lines of refused handshakes
/// @param handshakeNanos from accepting a connection to the end of its handshake
public record TlsSettings(
    Function<String, Certificate> certificates,
    CertificateStore store,
    LogRate lines,
    long handshakeNanos) {
  /// What the certificate that a channel's handshake used vouches for.
  public static final AttributeKey<CertifiedNames> NAMES =
      AttributeKey.valueOf("anycast.edge.certified-names");
}
