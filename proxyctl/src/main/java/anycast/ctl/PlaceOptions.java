package anycast.ctl;

import anycast.routing.feed.nats.NatsConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/// How a place of state is got at: the options that all commands share which read or write one.
final class PlaceOptions {
  /// A cluster that elects a leader takes some seconds.
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The token that a store wants, or a NATS server.")
  private Path tokenFile;

  @Option(
      names = "--credentials-file",
      paramLabel = "FILE",
      description = "The .creds file that a NATS server wants.")
  private Path credentialsFile;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "Authorities (PEM) of a NATS server at tls://.")
  private Path caFile;

  @Option(
      names = "--bucket-prefix",
      paramLabel = "TEXT",
      defaultValue = "anycast",
      description = "Buckets are called TEXT-instances and so on. Default: ${DEFAULT-VALUE}.")
  private String bucketPrefix;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Servers that hold each bucket that is made: 1, 3 or 5. Default: ${DEFAULT-VALUE}.")
  private int replicas;

  static boolean isStore(String place) {
    return place.startsWith("http://") || place.startsWith("https://");
  }

  static boolean isNats(String place) {
    return place.startsWith("nats://") || place.startsWith("tls://");
  }

  static URI uri(String text) throws CtlFault {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new CtlFault(text + " is no address", e);
    }
  }

  NatsConfig nats(URI server) throws IOException, CtlFault {
    NatsConfig.Credentials credentials =
        credentialsFile != null
            ? new NatsConfig.Credentials.CredentialsFile(credentialsFile)
            : token()
                .<NatsConfig.Credentials>map(NatsConfig.Credentials.Token::new)
                .orElseGet(NatsConfig.Credentials.None::new);
    try {
      return new NatsConfig(
          List.of(server),
          bucketPrefix,
          replicas,
          credentials,
          Optional.ofNullable(caFile),
          Set.of());
    } catch (IllegalArgumentException e) {
      throw new CtlFault(e.getMessage(), e);
    }
  }

  Optional<String> token() throws IOException {
    return tokenFile == null ? Optional.empty() : Optional.of(Files.readString(tokenFile).strip());
  }
}
