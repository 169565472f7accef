package anycast.ctl;

import anycast.routing.feed.nats.NatsConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl state export`, and `import`, which is the same in the other direction.
@Command(
    name = "export",
    aliases = "import",
    description = {
      "Copies a whole state from one place to another, and reads it back.",
      "A place is http://host:port of a store, nats://host:port, or a file. Export and import are"
          + " one",
      "command by two names."
    })
final class StateMoveCommand implements Callable<Integer> {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;

  @Option(names = "--from", required = true, paramLabel = "PLACE", description = "What is copied.")
  private String from;

  @Option(names = "--to", required = true, paramLabel = "PLACE", description = "Where it goes.")
  private String to;

  @Option(
      names = "--replace",
      description = "The target may hold rows: they are overwritten, and removed where not copied.")
  private boolean replace;

  @Option(names = "--dry-run", description = "Says what would be done and writes nothing.")
  private boolean dryRun;

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

  @Override
  public Integer call() throws CtlFault, InterruptedException {
    if (from.equals(to)) {
      throw new CtlFault("--from and --to are one place");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (StatePlace source = place(from);
        StatePlace target = place(to)) {
      if (source instanceof FileState && !Files.exists(Path.of(from))) {
        throw new CtlFault("there is no file " + from);
      }
      StateCopy copy = new StateCopy(source, target, out);
      copy.plan();
      if (copy.standing() > 0 && !replace) {
        throw new CtlFault(
            to + " holds " + copy.standing() + " rows already; --replace overwrites them");
      }
      if (dryRun) {
        out.println("dry run: nothing was written");
      } else {
        copy.write();
        copy.verify();
      }
      return copy.leftOut() > 0 ? 1 : 0;
    } catch (NoSuchFileException e) {
      throw new CtlFault("there is no file or directory for " + e.getMessage(), e);
    } catch (AccessDeniedException e) {
      throw new CtlFault("this user may not use " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CtlFault(e.getMessage() == null ? e.toString() : e.getMessage(), e);
    }
  }

  private StatePlace place(String text) throws IOException, CtlFault, InterruptedException {
    if (text.startsWith("http://") || text.startsWith("https://")) {
      return new StoreState(uri(text), token());
    }
    if (text.startsWith("nats://") || text.startsWith("tls://")) {
      return new BucketState(nats(uri(text)), CONNECT_TIMEOUT);
    }
    if (text.contains("://")) {
      throw new CtlFault(text + " is neither http://, nor nats://, nor a file");
    }
    return new FileState(Path.of(text).toAbsolutePath());
  }

  private static URI uri(String text) throws CtlFault {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new CtlFault(text + " is no address", e);
    }
  }

  private NatsConfig nats(URI server) throws IOException, CtlFault {
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

  private Optional<String> token() throws IOException {
    return tokenFile == null ? Optional.empty() : Optional.of(Files.readString(tokenFile).strip());
  }
}
