package anycast.ctl;

import anycast.backhaul.identity.IdentityFiles;
import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PrivateCa;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl ca server`.
@Command(
    name = "server",
    description = "Makes key and certificate for public names: for demos, no browser trusts it.")
final class CaServerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "The authority's directory.")
  private Path directory;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "FILE",
      description = "Name of the files, without ending.")
  private String name;

  @Option(
      names = "--dns",
      required = true,
      split = ",",
      paramLabel = "HOST",
      description = "A host or *.domain; may be given again.")
  private List<String> hosts;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where they go. Default: the authority's directory.")
  private Path out;

  @Override
  public Integer call() throws IdentityProblem {
    PrivateCa ca = PrivateCa.open(directory, InstantSource.system());
    IdentityFiles files =
        ca.issueServer(hosts, PrivateCa.LEAF_VALIDITY)
            .write(out == null ? directory : out, name, ca.certificateFile());
    spec.commandLine().getOut().println("made " + files.certificate() + " and " + files.key());
    return 0;
  }
}
