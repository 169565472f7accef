package anycast.backhaul.identity;

import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// The fleet's own certificate authority, in a directory: `ca.pem`, and `ca.key` which only its
/// owner reads. Public authorities no longer certify clients, and nobody else shall vouch for our
/// nodes.
///
/// **Threading.** One thread; blocks on files. Never on an event loop.
public final class PrivateCa {
  public static final String CERTIFICATE_FILE = "ca.pem";
  public static final String KEY_FILE = "ca.key";

  /// Short enough that a stolen key dies by itself, long enough that a broken renewal is noticed.
  public static final Duration LEAF_VALIDITY = Duration.ofDays(30);

  private static final Duration ROOT_VALIDITY = Duration.ofDays(3650);

  /// A name that may stand in a DNS subject alternative name (RFC 1123 §2.1), also with a wildcard.
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "(\\*\\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
          Pattern.CASE_INSENSITIVE);

  private final Path certificateFile;
  private final X509Certificate certificate;
  private final PrivateKey key;
  private final InstantSource clock;

  private PrivateCa(
      Path certificateFile, X509Certificate certificate, PrivateKey key, InstantSource clock) {
    this.certificateFile = certificateFile;
    this.certificate = certificate;
    this.key = key;
    this.clock = clock;
  }

  /// Makes a new one: P-256, ten years, for leaves only.
  ///
  /// **Faults.** `IdentityProblem` where one is there already: it is never overwritten.
  public static PrivateCa init(Path directory, InstantSource clock) throws IdentityProblem {
    Path certificateFile = directory.resolve(CERTIFICATE_FILE);
    Path keyFile = directory.resolve(KEY_FILE);
    if (Files.exists(certificateFile)) {
      throw new IdentityProblem(certificateFile + " exists and is not overwritten");
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new IdentityProblem(directory + " cannot be made: " + e, e);
    }
    KeyPair pair = newKey();
    X509Certificate root = CertificateMaker.root(pair, clock.instant(), ROOT_VALIDITY);
    // The key first: its refusal to overwrite settles a race of two.
    PemFiles.create(keyFile, PemFiles.pem("PRIVATE KEY", pair.getPrivate().getEncoded()), true);
    PemFiles.create(certificateFile, certificatePem(root), false);
    return new PrivateCa(certificateFile, root, pair.getPrivate(), clock);
  }

  /// Opens one that [#init] made.
  public static PrivateCa open(Path directory, InstantSource clock) throws IdentityProblem {
    Path certificateFile = directory.resolve(CERTIFICATE_FILE);
    X509Certificate root = PemFiles.certificates(certificateFile).getFirst();
    PrivateKey key = PemFiles.key(directory.resolve(KEY_FILE));
    PemFiles.checkKey(root, key, certificateFile, directory.resolve(KEY_FILE));
    return new PrivateCa(certificateFile, root, key, clock);
  }

  /// The file that peers and clients trust.
  public Path certificateFile() {
    return certificateFile;
  }

  /// Makes key and certificate for a node, good for either end of a link.
  public Issued issue(Node.Role role, NodeId node, Duration validity) throws IdentityProblem {
    List<GeneralName> names = new ArrayList<>();
    names.add(
        new GeneralName(GeneralName.uniformResourceIdentifier, new PeerIdentity(role, node).uri()));
    if (DNS_NAME.matcher(node.value()).matches()) {
      names.add(new GeneralName(GeneralName.dNSName, node.value()));
    }
    return issue(
        node.value(),
        names,
        validity,
        KeyPurposeId.id_kp_serverAuth,
        KeyPurposeId.id_kp_clientAuth);
  }

  /// Makes key and certificate for public names: demos and tests, whose clients trust `ca.pem`.
  ///
  /// @param dnsNames at least one; a first label of `*` is a wildcard
  public Issued issueServer(List<String> dnsNames, Duration validity) throws IdentityProblem {
    List<GeneralName> names = new ArrayList<>();
    for (String name : dnsNames) {
      if (!DNS_NAME.matcher(name).matches()) {
        throw new IdentityProblem("not a DNS name: " + name);
      }
      names.add(new GeneralName(GeneralName.dNSName, name));
    }
    if (names.isEmpty()) {
      throw new IdentityProblem("a server certificate wants at least one DNS name");
    }
    return issue(dnsNames.getFirst(), names, validity, KeyPurposeId.id_kp_serverAuth);
  }

  /// A certificate for one name that nobody but its maker is to believe: its authority is
  /// forgotten.
  public static Issued throwaway(String dnsName, Duration validity, Instant now)
      throws IdentityProblem {
    KeyPair authority = newKey();
    KeyPair pair = newKey();
    X509Certificate root = CertificateMaker.root(authority, now, validity);
    X509Certificate leaf =
        new CertificateMaker(root, authority.getPrivate(), now)
            .leaf(
                pair.getPublic(),
                dnsName,
                List.of(new GeneralName(GeneralName.dNSName, dnsName)),
                validity,
                KeyPurposeId.id_kp_serverAuth);
    return new Issued(
        certificatePem(leaf), PemFiles.pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
  }

  private Issued issue(
      String subject, List<GeneralName> names, Duration validity, KeyPurposeId... purposes)
      throws IdentityProblem {
    KeyPair pair = newKey();
    X509Certificate leaf =
        new CertificateMaker(certificate, key, clock.instant())
            .leaf(pair.getPublic(), subject, names, validity, purposes);
    return new Issued(
        certificatePem(leaf), PemFiles.pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no P-256", e);
    }
  }

  private static String certificatePem(X509Certificate certificate) throws IdentityProblem {
    try {
      return PemFiles.pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IdentityProblem("certificate cannot be encoded", e);
    }
  }

  /// A new certificate with its key.
  ///
  /// @param certificate PEM, the leaf alone
  /// @param key PEM, PKCS #8, not encrypted
  public record Issued(String certificate, String key) {
    /// Writes `<name>.pem` and `<name>.key` in place of older ones, the key for its owner only.
    ///
    /// @param ca the CA's certificate, named in the result
    public IdentityFiles write(Path directory, String name, Path ca) throws IdentityProblem {
      try {
        Files.createDirectories(directory);
      } catch (IOException e) {
        throw new IdentityProblem(directory + " cannot be made: " + e, e);
      }
      Path certificateFile = directory.resolve(name + ".pem");
      Path keyFile = directory.resolve(name + ".key");
      PemFiles.replace(keyFile, key, true);
      PemFiles.replace(certificateFile, certificate, false);
      return new IdentityFiles(ca, certificateFile, keyFile);
    }

    /// Tells who may read it, never the key.
    @Override
    public String toString() {
      return "Issued";
    }
  }
}
