package anycast.backhaul.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Builds X.509 certificates (RFC 5280), signed with P-256 and SHA-256.
final class CertificateMaker {
  /// How far the clocks of two hosts may differ while one uses what the other just made.
  private static final Duration SKEW = Duration.ofMinutes(5);

  /// X.520's upper bound for a common name.
  private static final int MAX_COMMON_NAME = 64;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final X509Certificate issuer;
  private final PrivateKey issuerKey;
  private final Instant now;

  CertificateMaker(X509Certificate issuer, PrivateKey issuerKey, Instant now) {
    this.issuer = issuer;
    this.issuerKey = issuerKey;
    this.now = now;
  }

  /// A self-signed root that may sign leaves and no further authority.
  static X509Certificate root(KeyPair pair, Instant now, Duration validity) throws IdentityProblem {
    X500Name name = name("anycast CA");
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              serial(),
              Date.from(now.minus(SKEW)),
              Date.from(now.plus(validity)),
              name,
              pair.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      return signed(builder, pair.getPrivate());
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IdentityProblem("cannot make a root certificate: " + e.getMessage(), e);
    }
  }

  /// A certificate for an end of a connection; it does not outlive its issuer.
  X509Certificate leaf(
      PublicKey key,
      String subject,
      List<GeneralName> names,
      Duration validity,
      KeyPurposeId... purposes)
      throws IdentityProblem {
    Date wanted = Date.from(now.plus(validity));
    Date until = wanted.before(issuer.getNotAfter()) ? wanted : issuer.getNotAfter();
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded()),
              serial(),
              Date.from(now.minus(SKEW)),
              until,
              name(subject),
              key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(names.toArray(GeneralName[]::new)));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          extensions.createAuthorityKeyIdentifier(issuer.getPublicKey()));
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key));
      return signed(builder, issuerKey);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IdentityProblem("cannot make a certificate: " + e.getMessage(), e);
    }
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
      throws OperatorCreationException, GeneralSecurityException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static X500Name name(String common) {
    X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.O, "anycast");
    if (common.length() <= MAX_COMMON_NAME) {
      name.addRDN(BCStyle.CN, common);
    }
    return name.build();
  }

  /// 127 random bits: no counter to keep, no collision to fear (RFC 5280 §4.1.2.2 allows 160).
  private static BigInteger serial() {
    return new BigInteger(127, RANDOM).add(BigInteger.ONE);
  }
}
