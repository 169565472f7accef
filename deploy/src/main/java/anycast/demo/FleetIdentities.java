package anycast.demo;

import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PrivateCa;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/// Two authorities that know nothing of each other: one for the fleet's own links, one for the
/// public names.
public final class FleetIdentities {
  /// A demo does not live longer; a week covers one that was forgotten.
  private static final Duration VALIDITY = Duration.ofDays(7);

  private final Path linkDir;
  private final Path publicDir;
  private final PrivateCa links;
  private final PrivateCa publicNames;

  public FleetIdentities(Path dir, InstantSource clock) throws FleetFault {
    this.linkDir = dir.resolve("link-ca");
    this.publicDir = dir.resolve("public-ca");
    try {
      this.links = openOrInit(linkDir, clock);
      this.publicNames = openOrInit(publicDir, clock);
    } catch (IdentityProblem | IOException e) {
      throw new FleetFault("the authorities in " + dir + " could not be made", e);
    }
  }

  private static PrivateCa openOrInit(Path dir, InstantSource clock)
      throws IdentityProblem, IOException {
    if (Files.exists(dir.resolve("ca.pem"))) {
      return PrivateCa.open(dir, clock);
    }
    Files.createDirectories(dir);
    return PrivateCa.init(dir, clock);
  }

  /// What clients of the public names trust.
  public Path publicCa() {
    return publicDir.resolve("ca.pem");
  }

  public Path linkCa() {
    return linkDir.resolve("ca.pem");
  }

  /// Writes `<node>.pem` and `<node>.key` into `dir`.
  public void writeNode(Path dir, Node.Role role, String node) throws FleetFault {
    try {
      links.issue(role, new NodeId(node), VALIDITY).write(dir, node, linkCa());
    } catch (IdentityProblem e) {
      throw new FleetFault("no identity for " + node, e);
    }
  }

  /// A certificate for a link's server by DNS name, for programs that do not know SPIFFE names.
  public PrivateCa.Issued linkServer(String dnsName) throws FleetFault {
    return issueServer(links, dnsName);
  }

  public PrivateCa.Issued publicCertificate(String dnsName) throws FleetFault {
    return issueServer(publicNames, dnsName);
  }

  private static PrivateCa.Issued issueServer(PrivateCa authority, String dnsName)
      throws FleetFault {
    try {
      return authority.issueServer(List.of(dnsName), VALIDITY);
    } catch (IdentityProblem e) {
      throw new FleetFault("no certificate for " + dnsName, e);
    }
  }
}
