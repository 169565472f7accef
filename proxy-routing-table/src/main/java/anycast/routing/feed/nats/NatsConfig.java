package anycast.routing.feed.nats;

import anycast.routing.feed.Table;
import anycast.routing.model.RegionCode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where the buckets are and how to get at them.
///
/// @param servers `nats://host:port`, or `tls://host:port`; more are learned from those that answer
/// @param bucketPrefix the table `instances` is the bucket `PREFIX-instances`
/// @param replicas servers that hold each bucket: 1, or 3 or 5 in a cluster; for making a bucket
///   only
/// @param trust certificates (PEM) that a `tls://` server's must descend from; empty = the JDK's
/// @param regions only rows of these regions are followed, in tables that name one; empty = all
public record NatsConfig(
    List<URI> servers,
    String bucketPrefix,
    int replicas,
    Credentials credentials,
    Optional<Path> trust,
    Set<RegionCode> regions) {
  public NatsConfig {
    servers = List.copyOf(servers);
    regions = Set.copyOf(regions);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("no NATS server to follow");
    }
    for (URI server : servers) {
      String scheme = String.valueOf(server.getScheme());
      if (!scheme.equals("nats") && !scheme.equals("tls") || server.getHost() == null) {
        throw new IllegalArgumentException(
            "a NATS server wants nats://host:port or tls://host:port, got '" + server + "'");
      }
    }
    if (!bucketPrefix.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new IllegalArgumentException(
          "bucket_prefix wants letters, digits, - and _, got '" + bucketPrefix + "'");
    }
    if (replicas < 1 || replicas > 5) {
      throw new IllegalArgumentException("replicas wants 1 to 5, got " + replicas);
    }
  }

  /// How this process says who it is.
  public sealed interface Credentials {
    /// It does not.
    record None() implements Credentials {}

    record Token(String token) implements Credentials {
      @Override
      public String toString() {
        return "Token";
      }
    }

    record UserPassword(String user, String password) implements Credentials {
      @Override
      public String toString() {
        return "UserPassword[" + user + "]";
      }
    }

    /// A `.creds` file: a signed user token and its key. Read again at each connecting.
    record CredentialsFile(Path file) implements Credentials {}
  }

  /// Servers without credentials, one replica, all regions, buckets `anycast-…`.
  public static NatsConfig of(List<URI> servers) {
    return new NatsConfig(
        servers, "anycast", 1, new Credentials.None(), Optional.empty(), Set.of());
  }

  /// The bucket of a table.
  public String bucket(Table table) {
    return bucketPrefix + "-" + table.label();
  }
}
