package anycast.backhaul.identity;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;

/// What this node proves to its peers, and whom it believes.
///
/// Both ends of a link are ours, so nothing old is offered: TLS 1.3 alone, the hybrid group alone
/// (what is recorded today stays secret when X25519 falls), HTTP/2 alone, no session tickets (a
/// resumed session would skip the look at the peer's certificate).
///
/// **Threading.** Immutable; both contexts are shared by all loops.
public final class Identity {
  /// The only key exchange of a link: X25519 with ML-KEM-768. A peer without it is not ours.
  public static final String GROUP = "X25519MLKEM768";

  private final PeerIdentity self;
  private final Instant validUntil;
  private final SslContext server;
  private final SslContext client;

  private Identity(PeerIdentity self, Instant validUntil, SslContext server, SslContext client) {
    this.self = self;
    this.validUntil = validUntil;
    this.server = server;
    this.client = client;
  }

  /// Loads and checks the files of the node `wanted`.
  ///
  /// **Faults.** As [#load(IdentityFiles, InstantSource)]; also where they are another's, or an
  /// edge's for a worker.
  public static Identity load(PeerIdentity wanted, IdentityFiles files, InstantSource clock)
      throws IdentityProblem {
    Identity identity = load(files, clock);
    if (!identity.self.equals(wanted)) {
      throw new IdentityProblem(
          "%s is for %s, wants %s: make one with `proxyctl ca issue --role %s --node %s`"
              .formatted(
                  files.certificate(),
                  identity.self,
                  wanted,
                  wanted.role().name().toLowerCase(Locale.ROOT),
                  wanted.node()));
    }
    return identity;
  }

  /// Loads and checks the files, whoever they are for.
  ///
  /// **Faults.** `IdentityProblem` with a line for each file that is wrong: not PEM, key of another
  /// certificate, expired or not yet valid, not issued by this CA, no node named in it.
  ///
  /// @param clock the wall clock, for validity
  public static Identity load(IdentityFiles files, InstantSource clock) throws IdentityProblem {
    Loading loading = new Loading();
    List<X509Certificate> roots = loading.step(() -> PemFiles.certificates(files.ca()));
    List<X509Certificate> chain = loading.step(() -> PemFiles.certificates(files.certificate()));
    PrivateKey key = loading.step(() -> PemFiles.key(files.key()));
    X509Certificate leaf = chain == null ? null : chain.getFirst();
    PeerIdentity self = leaf == null ? null : loading.step(() -> self(leaf, files.certificate()));
    if (leaf != null) {
      loading.check(() -> checkValidity(leaf, clock.instant(), files.certificate()));
    }
    if (leaf != null && key != null) {
      loading.check(() -> PemFiles.checkKey(leaf, key, files.certificate(), files.key()));
    }
    if (leaf != null && roots != null) {
      loading.check(() -> checkIssuer(leaf, roots, files));
    }
    loading.end();
    try {
      SslContext server =
          hardened(SslContextBuilder.forServer(key, chain), roots)
              .clientAuth(ClientAuth.REQUIRE)
              .build();
      SslContext client =
          hardened(SslContextBuilder.forClient().keyManager(key, chain), roots)
              // A link is dialled by address; PeerCheck compares the node instead of the host.
              .endpointIdentificationAlgorithm("")
              .build();
      forget(server);
      forget(client);
      return new Identity(self, leaf.getNotAfter().toInstant(), server, client);
    } catch (SSLException | IllegalArgumentException e) {
      throw new IdentityProblem(files.certificate() + " cannot be used: " + e.getMessage(), e);
    }
  }

  /// Who this node is.
  public PeerIdentity self() {
    return self;
  }

  /// When the certificate ends; links cannot be made after it.
  public Instant validUntil() {
    return validUntil;
  }

  /// For the side that accepts links: asks for a client certificate and takes none but the CA's.
  /// After the handshake: `h2` agreed, and [PeerCheck#role].
  public SslContext linkServer() {
    return server;
  }

  /// For the side that opens links. Host names are not checked: after the handshake, `h2` agreed
  /// and [PeerCheck#node].
  ///
  /// The server looks at our certificate after our handshake ended (RFC 8446 §2): its refusal comes
  /// as an alert on the open connection.
  public SslContext linkClient() {
    return client;
  }

  /// Goes on after a problem, so that all are told at once.
  private static final class Loading {
    private final List<String> problems = new ArrayList<>();

    private interface Step<T> {
      T take() throws IdentityProblem;
    }

    private interface Check {
      void pass() throws IdentityProblem;
    }

    /// What the step gave, or null.
    <T> T step(Step<T> step) {
      try {
        return step.take();
      } catch (IdentityProblem e) {
        problems.add(e.getMessage());
        return null;
      }
    }

    void check(Check check) {
      step(() -> {
        check.pass();
        return null;
      });
    }

    void end() throws IdentityProblem {
      if (!problems.isEmpty()) {
        throw new IdentityProblem(String.join("\n", problems));
      }
    }
  }

  private static PeerIdentity self(X509Certificate leaf, Path file) throws IdentityProblem {
    return PeerIdentity.of(leaf)
        .orElseThrow(() ->
            new IdentityProblem(
                file + " names no node: wants one URI spiffe://anycast/<role>/<node>"));
  }

  private static SslContextBuilder hardened(
      SslContextBuilder builder, List<X509Certificate> roots) {
    return builder
        .sslProvider(SslProvider.OPENSSL)
        .protocols("TLSv1.3")
        .option(OpenSslContextOption.GROUPS, new String[] {GROUP})
        .trustManager(roots)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2));
  }

  /// Nothing to resume from on either side; tickets are off already, Netty sends none without keys.
  private static void forget(SslContext context) {
    ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
  }

  private static void checkValidity(X509Certificate leaf, Instant now, Path file)
      throws IdentityProblem {
    try {
      leaf.checkValidity(Date.from(now));
    } catch (CertificateExpiredException e) {
      throw new IdentityProblem(
          file
              + " expired at "
              + leaf.getNotAfter().toInstant()
              + ": make a new one with `proxyctl ca issue`",
          e);
    } catch (CertificateNotYetValidException e) {
      throw new IdentityProblem(
          file + " is valid only from " + leaf.getNotBefore().toInstant() + "; is the clock right?",
          e);
    }
  }

  private static void checkIssuer(
      X509Certificate leaf, List<X509Certificate> roots, IdentityFiles files)
      throws IdentityProblem {
    for (X509Certificate root : roots) {
      try {
        leaf.verify(root.getPublicKey());
        return;
      } catch (GeneralSecurityException e) {
        // Not this root; the next, or the sentence below.
      }
    }
    throw new IdentityProblem(files.certificate() + " was not issued by " + files.ca());
  }
}
