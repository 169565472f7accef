package anycast.backhaul.runtime;

import anycast.backhaul.runtime.StateConfig.Regional;
import anycast.backhaul.runtime.StateConfig.Sources;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.model.RegionCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The block `state` in its three forms: agents, two tiers of agents, NATS.
///
/// ```
///  state: { urls: [...], token_file, endpoint, ca_file, stickiness }
///  state: { global: { urls: ... }, regional: [ { region, urls: ... } ] }
///  state: { nats: { servers: [...], bucket_prefix, replicas, credentials_file, token_file, ca_file } }
/// ```
final class StateSources {
  private static final String URLS = "urls";
  private static final String GLOBAL = "global";
  private static final String REGIONAL = "regional";
  private static final String NATS = "nats";

  /// What JetStream takes.
  private static final int MAX_REPLICAS = 5;

  private StateSources() {}

  /// @return null after a problem
  static Sources read(ConfigBlock block) {
    boolean tiers = block.has(GLOBAL) | block.has(REGIONAL);
    boolean nats = block.has(NATS);
    boolean agents = block.has(URLS);
    if ((tiers ? 1 : 0) + (nats ? 1 : 0) + (agents ? 1 : 0) > 1) {
      block.note(
          nats ? NATS : REGIONAL, "stands beside another source: wants one of urls, global, nats");
      return null;
    }
    if (tiers) {
      return tiers(block);
    }
    if (nats) {
      NatsConfig config = nats(block.block(NATS));
      return config == null ? null : new Sources.Nats(config);
    }
    CorrosionConfig config = agents(block, Optional.empty());
    return config == null ? null : new Sources.Agents(config);
  }

  private static Sources tiers(ConfigBlock block) {
    CorrosionConfig global = agents(block.block(GLOBAL), Optional.empty());
    List<Regional> regional = new ArrayList<>();
    Set<RegionCode> seen = new HashSet<>();
    for (ConfigBlock tier : block.blocks(REGIONAL)) {
      RegionCode region = tier.parsed("region", RegionCode::new);
      if (region != null && !seen.add(region)) {
        tier.note("region", "stands twice");
      }
      if (region != null && region.code().equals(StateConfig.GLOBAL)) {
        tier.note("region", "is the other tier's name");
      }
      CorrosionConfig agents = agents(tier, Optional.ofNullable(region));
      if (region != null && agents != null) {
        regional.add(new Regional(region, agents));
      }
    }
    return global == null || regional.isEmpty() ? null : new Sources.Tiers(global, regional);
  }

  private static CorrosionConfig agents(ConfigBlock block, Optional<RegionCode> region) {
    List<URI> urls = block.uris(URLS);
    Optional<String> token = secret(block, "token_file");
    Optional<String> endpoint = optionalText(block, "endpoint");
    Optional<Path> ca = Optional.ofNullable(block.file("ca_file", null));
    Duration stickiness = block.positive("stickiness", CorrosionConfig.DEFAULT_STICKINESS);
    return urls.isEmpty()
        ? null
        : new CorrosionConfig(urls, token, endpoint, ca, stickiness, region);
  }

  private static NatsConfig nats(ConfigBlock block) {
    List<URI> servers = new ArrayList<>();
    for (String text : block.texts("servers")) {
      try {
        servers.add(natsUri(text));
      } catch (IllegalArgumentException e) {
        block.note("servers", e.getMessage());
      }
    }
    String prefix = block.parsed("bucket_prefix", StateSources::bucketPrefix, "anycast");
    int replicas = block.integer("replicas", 1, 1, MAX_REPLICAS);
    NatsConfig.Credentials credentials = credentials(block);
    Optional<Path> trust = Optional.ofNullable(block.file("ca_file", null));
    return servers.isEmpty()
        ? null
        : new NatsConfig(servers, prefix, replicas, credentials, trust, Set.of());
  }

  private static NatsConfig.Credentials credentials(ConfigBlock block) {
    Path file = block.file("credentials_file", null);
    Optional<String> token = secret(block, "token_file");
    if (block.has("credentials_file") && block.has("token_file")) {
      block.note("token_file", "stands beside credentials_file: wants one of them");
    }
    if (file != null) {
      return new NatsConfig.Credentials.CredentialsFile(file);
    }
    return token.isPresent()
        ? new NatsConfig.Credentials.Token(token.get())
        : new NatsConfig.Credentials.None();
  }

  private static URI natsUri(String text) {
    try {
      URI uri = URI.create(text);
      String scheme = String.valueOf(uri.getScheme());
      if ((scheme.equals("nats") || scheme.equals("tls")) && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // The sentence below says what is wanted.
    }
    throw new IllegalArgumentException("wants addresses like nats://127.0.0.1:4222");
  }

  private static String bucketPrefix(String text) {
    if (!text.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new IllegalArgumentException("wants letters, digits, - and _, at most 64");
    }
    return text;
  }

  private static Optional<String> optionalText(ConfigBlock block, String key) {
    String text = block.text(key, "");
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /// A file whose one line is a secret.
  private static Optional<String> secret(ConfigBlock block, String key) {
    Path file = block.file(key, null);
    if (file == null) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(file).strip();
      if (!text.isEmpty()) {
        return Optional.of(text);
      }
      block.note(key, "names a file that is empty: " + file);
    } catch (IOException e) {
      block.note(key, "names a file that cannot be read: " + e);
    }
    return Optional.empty();
  }
}
