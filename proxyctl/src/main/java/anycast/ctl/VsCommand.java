package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.Writer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs`: virtual services.
@Command(
    name = "vs",
    description = "Virtual services: hosts and rules, bound to instances by their labels.",
    subcommands = {
      VsValidateCommand.class,
      VsApplyCommand.class,
      VsListCommand.class,
      VsGetCommand.class,
      VsDiffCommand.class,
      VsDeleteCommand.class,
      VsHistoryCommand.class,
      VsRollbackCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class VsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @ParentCommand private Main main;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
  }

  boolean isJson() {
    return main.isJson();
  }

  /// Where people read more than the answer; machines read nothing but that.
  PrintWriter asides(PrintWriter out) {
    return isJson() ? new PrintWriter(Writer.nullWriter()) : out;
  }

  /// One line for machines.
  void json(JsonNode answer, PrintWriter out) throws CtlFault {
    out.println(Main.line(answer));
  }
}
