package anycast.backhaul.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/// Certificates and keys as files of text (RFC 7468).
final class PemFiles {
  /// A chain is three certificates of 2 KiB; a file of more is not one.
  private static final int MAX_BYTES = 1 << 20;

  private PemFiles() {}

  /// All certificates of a file, at least one.
  static List<X509Certificate> certificates(Path path) throws IdentityProblem {
    byte[] text = text(path).getBytes(StandardCharsets.US_ASCII);
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(text))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!found.isEmpty()) {
        return found;
      }
    } catch (CertificateException e) {
      throw new IdentityProblem(path + " holds no certificate in PEM: " + e.getMessage(), e);
    }
    throw new IdentityProblem(path + " holds no certificate in PEM");
  }

  /// The first private key of a file: PKCS #8, or what older openssl commands write.
  static PrivateKey key(Path path) throws IdentityProblem {
    try (PEMParser parser = new PEMParser(new StringReader(text(path)))) {
      for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
        if (item instanceof PrivateKeyInfo key) {
          return new JcaPEMKeyConverter().getPrivateKey(key);
        }
        if (item instanceof PEMKeyPair pair) {
          return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
        }
      }
    } catch (PEMException e) {
      throw new IdentityProblem(path + " holds no usable private key: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      throw new IdentityProblem(path + " holds no private key in PEM", e);
    }
    throw new IdentityProblem(path + " holds no unencrypted private key in PEM");
  }

  static String pem(String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  /// Makes a file that must not exist; a secret one is its owner's alone from its first byte on.
  static void create(Path path, String text, boolean secret) throws IdentityProblem {
    String permissions = secret ? "rw-------" : "rw-r--r--";
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            path,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)))) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (FileAlreadyExistsException e) {
      throw new IdentityProblem(path + " exists and is not overwritten", e);
    } catch (IOException e) {
      throw new IdentityProblem(path + " cannot be written: " + e, e);
    }
  }

  /// Like [#create], in place of what was there; a reader sees the old file or the new one.
  static void replace(Path path, String text, boolean secret) throws IdentityProblem {
    Path temporary =
        path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid() + ".new");
    create(temporary, text, secret);
    try {
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IdentityProblem(path + " cannot be written: " + e, e);
    }
  }

  /// Signs and verifies, which finds every mismatch whatever the algorithm.
  static void checkKey(X509Certificate leaf, PrivateKey key, Path certificateFile, Path keyFile)
      throws IdentityProblem {
    byte[] probe = {1, 2, 3};
    boolean fits;
    try {
      Signature signature =
          Signature.getInstance(
              key.getAlgorithm().startsWith("EC") ? "SHA256withECDSA" : "SHA256withRSA");
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(leaf.getPublicKey());
      signature.update(probe);
      fits = signature.verify(signed);
    } catch (GeneralSecurityException e) {
      fits = false;
    }
    if (!fits) {
      throw new IdentityProblem(keyFile + " is not the key of " + certificateFile);
    }
  }

  private static String text(Path path) throws IdentityProblem {
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw new IdentityProblem(path + " is larger than " + MAX_BYTES + " bytes");
      }
      return Files.readString(path, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IdentityProblem(path + " does not exist", e);
    } catch (IOException e) {
      throw new IdentityProblem(path + " cannot be read: " + e, e);
    }
  }
}
