package anycast.backhaul.identity;

import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/// The fleet's own certificate authority, in a directory: `ca.pem`, `ca.key`.
public final class PrivateCa {
  private PrivateCa() {}

  /// Makes a new one.
  ///
  /// **Faults.** `IdentityProblem` where one is there already: it is never overwritten.
  public static PrivateCa init(Path directory, InstantSource clock) throws IdentityProblem {
    throw new UnsupportedOperationException(directory + " " + clock);
  }

  /// Opens one that [#init] made.
  public static PrivateCa open(Path directory, InstantSource clock) throws IdentityProblem {
    throw new UnsupportedOperationException(directory + " " + clock);
  }

  /// Makes key and certificate for a node.
  public Issued issue(Node.Role role, NodeId node, Duration validity) throws IdentityProblem {
    throw new UnsupportedOperationException(role + " " + node + validity);
  }

  /// Makes key and certificate for public names: demos and tests, whose clients trust `ca.pem`.
  public Issued issueServer(List<String> dnsNames, Duration validity) throws IdentityProblem {
    throw new UnsupportedOperationException(dnsNames + " " + validity);
  }

  /// A new certificate with its key.
  ///
  /// @param certificate PEM, the leaf alone
  /// @param key PEM, PKCS #8, not encrypted
  public record Issued(String certificate, String key) {
    /// Writes `<name>.pem` and `<name>.key`, the key for its owner only.
    public IdentityFiles write(Path directory, String name, Path ca) throws IdentityProblem {
      throw new UnsupportedOperationException(directory + name + ca);
    }
  }
}
