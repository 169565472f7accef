package anycast.edge.tls;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// The DNS names that a certificate vouches for (RFC 9525 §6.3): a connection under it serves no
/// other host.
///
/// **Threading.** Immutable; looking does not allocate.
public final class CertifiedNames {
  /// dNSName in GeneralName (RFC 5280 §4.2.1.6).
  private static final int DNS_NAME = 2;

  private final byte[][] exact;
  private final byte[][] wildcards;

  private CertifiedNames(List<String> names) {
    List<byte[]> plain = new ArrayList<>();
    List<byte[]> wild = new ArrayList<>();
    for (String name : names) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith("*.")) {
        wild.add(lower.substring(1).getBytes(StandardCharsets.ISO_8859_1));
      } else {
        plain.add(lower.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    exact = plain.toArray(byte[][]::new);
    wildcards = wild.toArray(byte[][]::new);
  }

  public static CertifiedNames of(String... names) {
    return new CertifiedNames(List.of(names));
  }

  /// The subject alternative names of a leaf; the common name counts for nothing.
  public static CertifiedNames of(X509Certificate leaf) throws CertificateParsingException {
    List<String> names = new ArrayList<>();
    Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> name : alternatives) {
        if (name.getFirst() instanceof Integer type
            && type == DNS_NAME
            && name.get(1) instanceof String text) {
          names.add(text);
        }
      }
    }
    return new CertifiedNames(names);
  }

  /// Whether the host, lower case and without port, is one of the names. A wildcard stands for
  /// exactly one label.
  public boolean cover(byte[] host, int start, int length) {
    for (byte[] name : exact) {
      if (name.length == length && Arrays.equals(host, start, start + length, name, 0, length)) {
        return true;
      }
    }
    if (wildcards.length == 0) {
      return false;
    }
    int dot = start;
    int end = start + length;
    while (dot < end && host[dot] != '.') {
      dot++;
    }
    if (dot == start) {
      return false;
    }
    for (byte[] suffix : wildcards) {
      if (suffix.length == end - dot && Arrays.equals(host, dot, end, suffix, 0, suffix.length)) {
        return true;
      }
    }
    return false;
  }
}
