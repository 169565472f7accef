package anycast.backhaul.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.Node.Role;
import anycast.routing.model.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityLoadTest {
  private static final Instant DAY = Instant.parse("2026-11-20T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(DAY);

  @TempDir Path directory;
  private PrivateCa ca;
  private IdentityFiles edge;

  @BeforeEach
  void makeCa() throws IdentityProblem {
    ca = PrivateCa.init(directory, CLOCK);
    edge = issue(Role.EDGE, "edge-fra-1");
  }

  @Test
  void issuedFilesSayWhoAndUntilWhen() throws Exception {
    Identity identity = Identity.load(edge, CLOCK);

    assertEquals(new PeerIdentity(Role.EDGE, new NodeId("edge-fra-1")), identity.self());
    assertEquals(DAY.plus(Duration.ofDays(30)), identity.validUntil());
  }

  @Test
  void keysAreForTheirOwnerOnly() throws Exception {
    for (Path key : List.of(directory.resolve("ca.key"), edge.key())) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    }
  }

  @Test
  void caIsNeverOverwritten() throws Exception {
    byte[] before = Files.readAllBytes(directory.resolve("ca.key"));

    IdentityProblem problem =
        assertThrows(IdentityProblem.class, () -> PrivateCa.init(directory, CLOCK));
    assertTrue(problem.getMessage().contains("not overwritten"), problem.getMessage());
    Files.delete(directory.resolve("ca.pem"));
    assertThrows(IdentityProblem.class, () -> PrivateCa.init(directory, CLOCK));

    assertEquals(
        new String(before, java.nio.charset.StandardCharsets.US_ASCII),
        Files.readString(directory.resolve("ca.key")));
  }

  @Test
  void rootSignsLeavesOnly() throws Exception {
    X509Certificate root = PemFiles.certificates(ca.certificateFile()).getFirst();

    assertEquals(0, root.getBasicConstraints());
    assertTrue(root.getKeyUsage()[5], "may sign certificates");
    X509Certificate leaf = PemFiles.certificates(edge.certificate()).getFirst();
    assertEquals(-1, leaf.getBasicConstraints());
    leaf.verify(root.getPublicKey());
  }

  @Test
  void leafDoesNotOutliveItsRoot() throws Exception {
    PrivateCa.Issued issued = ca.issue(Role.WORKER, new NodeId("w"), Duration.ofDays(100_000));
    IdentityFiles files = issued.write(directory, "w", ca.certificateFile());

    X509Certificate root = PemFiles.certificates(ca.certificateFile()).getFirst();
    assertEquals(root.getNotAfter().toInstant(), Identity.load(files, CLOCK).validUntil());
  }

  @Test
  void issuingAgainReplacesTheFiles() throws Exception {
    String before = Files.readString(edge.certificate());
    issue(Role.EDGE, "edge-fra-1");

    assertTrue(!before.equals(Files.readString(edge.certificate())));
    Identity.load(edge, CLOCK);
  }

  @Test
  void keyOfAnotherCertificateIsNamed() throws Exception {
    IdentityFiles other = issue(Role.EDGE, "edge-iad-1");

    refused(
        new IdentityFiles(edge.ca(), edge.certificate(), other.key()),
        CLOCK,
        "edge-iad-1.key is not the key of ");
  }

  @Test
  void expiredAndNotYetValidAreNamedWithTheInstant() {
    refused(edge, InstantSource.fixed(DAY.plus(Duration.ofDays(31))), "expired at 2026-12-20T12");
    refused(edge, InstantSource.fixed(DAY.minus(Duration.ofDays(1))), "valid only from");
  }

  @Test
  void certificateOfAnotherCaIsNamed() throws Exception {
    PrivateCa other = PrivateCa.init(directory.resolve("other"), CLOCK);

    refused(
        new IdentityFiles(other.certificateFile(), edge.certificate(), edge.key()),
        CLOCK,
        "was not issued by");
  }

  @Test
  void filesThatAreNotPemAreNamed() throws Exception {
    Path garbage = Files.writeString(directory.resolve("garbage"), "not\u0000 pem");
    Path broken =
        Files.writeString(
            directory.resolve("broken"),
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    Path missing = directory.resolve("missing");

    refused(new IdentityFiles(garbage, edge.certificate(), edge.key()), CLOCK, "garbage holds no");
    refused(new IdentityFiles(edge.ca(), garbage, edge.key()), CLOCK, "garbage holds no");
    refused(new IdentityFiles(edge.ca(), edge.certificate(), garbage), CLOCK, "garbage holds no");
    refused(new IdentityFiles(edge.ca(), edge.certificate(), broken), CLOCK, "broken holds no");
    refused(new IdentityFiles(edge.ca(), edge.certificate(), missing), CLOCK, "does not exist");
    refused(new IdentityFiles(edge.ca(), edge.key(), edge.certificate()), CLOCK, "edge-fra-1.key");
  }

  @Test
  void everyFileThatIsWrongIsNamedAtOnce() throws Exception {
    Path garbage = Files.writeString(directory.resolve("garbage"), "no pem");
    IdentityFiles files = new IdentityFiles(garbage, edge.certificate(), garbage);
    InstantSource later = InstantSource.fixed(DAY.plus(Duration.ofDays(31)));

    refused(files, later, "garbage holds no certificate");
    refused(files, later, "garbage holds no unencrypted private key");
    refused(files, later, "edge-fra-1.pem expired");
  }

  @Test
  void identityOfAnotherNodeOrRoleIsNamed() throws Exception {
    PeerIdentity self = new PeerIdentity(Role.EDGE, new NodeId("edge-fra-1"));
    assertEquals(self, Identity.load(self, edge, CLOCK).self());

    for (PeerIdentity other :
        List.of(
            new PeerIdentity(Role.EDGE, new NodeId("edge-iad-1")),
            new PeerIdentity(Role.WORKER, new NodeId("edge-fra-1")))) {
      IdentityProblem problem =
          assertThrows(IdentityProblem.class, () -> Identity.load(other, edge, CLOCK));
      assertTrue(
          problem.getMessage().contains("is for edge edge-fra-1, wants " + other),
          problem.getMessage());
    }
  }

  @Test
  void certificateWithoutNodeIsNamed() throws Exception {
    IdentityFiles www =
        ca.issueServer(List.of("www.example.com", "*.example.com"), Duration.ofDays(1))
            .write(directory, "www", ca.certificateFile());

    refused(www, CLOCK, "names no node");
    assertThrows(IdentityProblem.class, () -> ca.issueServer(List.of("a b"), Duration.ofDays(1)));
    assertThrows(IdentityProblem.class, () -> ca.issueServer(List.of(), Duration.ofDays(1)));
  }

  @Test
  void onlyWhatWeWriteIsAnIdentity() {
    assertEquals(
        Optional.of(new PeerIdentity(Role.WORKER, new NodeId("wrk_1.x"))),
        PeerIdentity.parse("spiffe://anycast/worker/wrk_1.x"));
    for (String uri :
        List.of(
            "",
            "spiffe://anycast/worker/",
            "spiffe://anycast/worker/a/b",
            "spiffe://anycast/worker/a?b",
            "spiffe://anycast/worker/a%2fb",
            "spiffe://anycast/worker/a\n",
            "spiffe://anycast/Worker/a",
            "SPIFFE://anycast/worker/a",
            "spiffe://other/worker/a",
            "spiffe://anycast/root/a",
            "spiffe://anycast//a",
            "spiffe://anycast/worker/" + "a".repeat(254))) {
      assertEquals(Optional.empty(), PeerIdentity.parse(uri), uri);
    }
  }

  private IdentityFiles issue(Role role, String node) throws IdentityProblem {
    return ca.issue(role, new NodeId(node), PrivateCa.LEAF_VALIDITY)
        .write(directory, node, ca.certificateFile());
  }

  private static void refused(IdentityFiles files, InstantSource clock, String reason) {
    IdentityProblem problem =
        assertThrows(IdentityProblem.class, () -> Identity.load(files, clock));
    assertTrue(problem.getMessage().contains(reason), problem.getMessage());
  }
}
