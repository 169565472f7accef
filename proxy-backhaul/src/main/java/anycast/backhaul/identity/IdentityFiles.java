package anycast.backhaul.identity;

import anycast.backhaul.runtime.ConfigBlock;
import java.nio.file.Path;

/// Where a node's identity lies, as PEM files.
///
/// @param ca the private CA's certificate
/// @param certificate the node's own
/// @param key its private key, PKCS #8
public record IdentityFiles(Path ca, Path certificate, Path key) {
  /// Reads the configuration block `identity`.
  public static IdentityFiles read(ConfigBlock root) {
    ConfigBlock block = root.block("identity");
    return new IdentityFiles(block.file("ca"), block.file("certificate"), block.file("key"));
  }
}
