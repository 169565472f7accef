package anycast.ctl;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl quarantine`: what is not in force although state says it.
@Command(
    name = "quarantine",
    description = "What processes keep out of force because it did harm, and the way to let it in.",
    subcommands = {
      QuarantineListCommand.class,
      QuarantineShowCommand.class,
      QuarantineReleaseCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class QuarantineCommand implements Runnable {
  @Spec private CommandSpec spec;

  @ParentCommand private Main main;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
  }

  Main main() {
    return main;
  }
}
