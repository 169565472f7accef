package anycast.ctl;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl cordon`.
@Command(
    name = "cordon",
    description = {
      "Takes instances out of routing: they finish what they have and get nothing new.",
      "proxyctl uncordon takes them in again."
    })
final class CordonCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private Main main;

  @Mixin private StateOption state;

  @Parameters(paramLabel = "INSTANCE", arity = "1..*", description = "ID, or NODE/ID.")
  private List<String> ids;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "For other operators.")
  private String reason = "";

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    try (Ledger ledger = state.open()) {
      Cordons cordons = new Cordons().out(Roll.read(ledger).named(ids), reason);
      cordons.write(ledger);
      cordons.show(main, true, spec.commandLine().getOut());
      return 0;
    }
  }
}
