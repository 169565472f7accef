package anycast.ctl;

import anycast.backhaul.identity.IdentityFiles;
import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PrivateCa;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl ca issue`.
@Command(
    name = "issue",
    description = "Makes key and certificate for a node, in place of older ones.")
final class CaIssueCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "The authority's directory.")
  private Path directory;

  @Option(
      names = "--role",
      required = true,
      paramLabel = "edge|worker",
      description = "What the node runs.")
  private String role;

  @Option(names = "--node", required = true, paramLabel = "NAME", description = "The node's name.")
  private String node;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where NAME.pem and NAME.key go. Default: the authority's directory.")
  private Path out;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long it is valid. Default: ${DEFAULT-VALUE}.")
  private int days = 30;

  @Override
  public Integer call() throws IdentityProblem {
    Node.Role who = role();
    NodeId name = node();
    if (days < 1) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--days wants at least 1");
    }
    PrivateCa ca = PrivateCa.open(directory, InstantSource.system());
    IdentityFiles files =
        ca.issue(who, name, Duration.ofDays(days))
            .write(out == null ? directory : out, name.value(), ca.certificateFile());
    spec.commandLine().getOut().println("made " + files.certificate() + " and " + files.key());
    return 0;
  }

  private Node.Role role() {
    for (Node.Role each : Node.Role.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(role)) {
        return each;
      }
    }
    throw new CommandLine.ParameterException(spec.commandLine(), "--role wants edge or worker");
  }

  private NodeId node() {
    try {
      return new NodeId(node);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--node: " + e.getMessage());
    }
  }
}
