package anycast.backhaul.runtime;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The configuration block `state`: where the routing table comes from.
///
/// @param urls agents in order of preference
/// @param token that they want, if any
public record StateConfig(List<URI> urls, Optional<String> token) {
  public StateConfig {
    urls = List.copyOf(urls);
  }

  /// Reads the block `state` of `root`.
  public static StateConfig read(ConfigBlock root) {
    ConfigBlock block = root.block("state");
    List<URI> urls = block.uris("urls");
    Path tokenFile = block.file("token_file", null);
    if (tokenFile == null) {
      return new StateConfig(urls, Optional.empty());
    }
    try {
      return new StateConfig(urls, Optional.of(Files.readString(tokenFile).strip()));
    } catch (IOException e) {
      block.note("token_file", "cannot be read: " + e.getMessage());
      return new StateConfig(urls, Optional.empty());
    }
  }
}
