package anycast.edge.tls;

import anycast.routing.model.Certificate;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/// What every public TLS connection offers: protocols, ciphers, groups. One library context a
/// certificate.
final class PublicTls {
  static final String H2 = "h2";
  static final String HTTP_1_1 = "http/1.1";

  /// Forward secrecy and authenticated encryption only. RSA stays beside ECDSA because tenants
  /// bring certificates of either kind.
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /// The hybrid group first: what is recorded today stays shut to tomorrow's quantum computer.
  private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "secp256r1", "secp384r1"};

  private PublicTls() {}

  /// Builds the context; takes a millisecond or more, so not on an event loop. The caller releases
  /// it.
  ///
  /// @throws GeneralSecurityException where the PEM texts are no certificate with its key
  /// @throws IOException where the library takes neither
  static SslContext context(Certificate certificate) throws GeneralSecurityException, IOException {
    try (InputStream chain = stream(certificate.chainPem());
        InputStream key = stream(certificate.keyPem())) {
      return SslContextBuilder.forServer(chain, key)
          .sslProvider(SslProvider.OPENSSL_REFCNT)
          .protocols("TLSv1.3", "TLSv1.2")
          .ciphers(CIPHERS)
          .option(OpenSslContextOption.GROUPS, GROUPS)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  H2,
                  HTTP_1_1))
          .build();
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException(e.getMessage(), e);
    }
  }

  /// The names in the chain's leaf.
  static CertifiedNames names(Certificate certificate)
      throws GeneralSecurityException, IOException {
    try (InputStream chain = stream(certificate.chainPem())) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      if (factory.generateCertificate(chain) instanceof X509Certificate leaf) {
        return CertifiedNames.of(leaf);
      }
      throw new GeneralSecurityException("no X.509 certificate");
    }
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1));
  }
}
