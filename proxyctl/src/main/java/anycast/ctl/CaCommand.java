package anycast.ctl;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `proxyctl ca`.
@Command(
    name = "ca",
    description = "The fleet's private certificate authority.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {CaInitCommand.class, CaIssueCommand.class, CaServerCommand.class})
final class CaCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
  }
}
