package anycast.backhaul.identity;

import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// Decides, after a handshake that proved the chain, whether this peer is the one wanted: the
/// private CA also vouches for nodes that have no business on this connection.
public final class PeerCheck {
  private PeerCheck() {}

  /// What was decided.
  public sealed interface Result {
    record Ok(PeerIdentity peer) implements Result {}

    /// @param reason a sentence for the log, safe to print
    record Refused(String reason) implements Result {}
  }

  /// Any node of `role`: what a worker wants of who connects.
  ///
  /// @param session of a finished handshake
  public static Result role(SSLSession session, Node.Role role) {
    return check(session, role, Optional.empty());
  }

  /// Exactly this node: what an edge wants of whom it dialled.
  public static Result node(SSLSession session, Node.Role role, NodeId node) {
    return check(session, role, Optional.of(node));
  }

  private static Result check(SSLSession session, Node.Role role, Optional<NodeId> node) {
    Certificate[] chain;
    try {
      chain = session.getPeerCertificates();
    } catch (SSLPeerUnverifiedException e) {
      return new Result.Refused("peer showed no certificate");
    }
    Optional<PeerIdentity> found =
        chain.length > 0 && chain[0] instanceof X509Certificate leaf
            ? PeerIdentity.of(leaf)
            : Optional.empty();
    if (found.isEmpty()) {
      return new Result.Refused("peer's certificate names no node");
    }
    PeerIdentity peer = found.get();
    if (peer.role() != role || node.isPresent() && !node.get().equals(peer.node())) {
      String wanted =
          node.map(id -> new PeerIdentity(role, id).toString())
              .orElse("any " + role.name().toLowerCase(java.util.Locale.ROOT));
      return new Result.Refused("peer is " + peer + ", wanted " + wanted);
    }
    return new Result.Ok(peer);
  }
}
