package anycast.ctl;

import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PrivateCa;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl ca init`.
@Command(name = "init", description = "Makes a new authority; never overwrites one.")
final class CaInitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "Where ca.pem and ca.key go.")
  private Path directory;

  @Override
  public Integer call() throws IdentityProblem {
    PrivateCa ca = PrivateCa.init(directory, InstantSource.system());
    spec.commandLine().getOut().println("made " + ca.certificateFile());
    return 0;
  }
}
