package anycast.backhaul.identity;

import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Who holds a certificate of the private CA: `spiffe://anycast/<role>/<node>`, in the shape of
/// SPIFFE-ID §2 and X.509-SVID §2, that is, exactly one URI among the subject alternative names.
public record PeerIdentity(Node.Role role, NodeId node) {
  private static final String PREFIX = "spiffe://anycast/";

  /// GeneralName's tag for a URI (RFC 5280 §4.2.1.6).
  private static final int URI_NAME = 6;

  /// Parses strictly: what we did not write ourselves is nobody.
  public static Optional<PeerIdentity> parse(String uri) {
    for (Node.Role role : Node.Role.values()) {
      String prefix = PREFIX + role.name().toLowerCase(Locale.ROOT) + "/";
      if (uri.startsWith(prefix)) {
        try {
          return Optional.of(new PeerIdentity(role, new NodeId(uri.substring(prefix.length()))));
        } catch (IllegalArgumentException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /// The identity in a certificate; empty where it has none, a malformed one, or more than one URI.
  public static Optional<PeerIdentity> of(X509Certificate certificate) {
    List<String> uris = new ArrayList<>();
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (name.get(0) instanceof Integer kind && kind == URI_NAME) {
          uris.add((String) name.get(1));
        }
      }
    } catch (CertificateParsingException e) {
      return Optional.empty();
    }
    return uris.size() == 1 ? parse(uris.getFirst()) : Optional.empty();
  }

  public String uri() {
    return PREFIX + role.name().toLowerCase(Locale.ROOT) + "/" + node.value();
  }

  /// `worker wrk-fra-1`, for logs.
  @Override
  public String toString() {
    return role.name().toLowerCase(Locale.ROOT) + " " + node.value();
  }
}
