package anycast.routing.model;

/// A certificate with its key, for the names that SNI asks for.
///
/// @param name hostname or `*.`-wildcard that it serves, lower case
/// @param chainPem leaf first, then intermediates
/// @param keyPem PKCS#8 private key; never logged
public record Certificate(String name, String chainPem, String keyPem, long generation)
    implements Entity {
  @Override
  public CertificateKey key() {
    return new CertificateKey(name);
  }

  @Override
  public String toString() {
    return "Certificate[name=" + name + ", generation=" + generation + "]";
  }
}
