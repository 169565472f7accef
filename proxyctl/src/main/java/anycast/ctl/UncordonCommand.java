package anycast.ctl;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl uncordon`.
@Command(name = "uncordon", description = "Takes cordoned instances into routing again.")
final class UncordonCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private Main main;

  @Mixin private StateOption state;

  @Parameters(paramLabel = "INSTANCE", arity = "1..*", description = "ID, or NODE/ID.")
  private List<String> ids;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    try (Ledger ledger = state.open()) {
      Cordons cordons = new Cordons().in(Roll.read(ledger).named(ids));
      cordons.write(ledger);
      cordons.show(main, true, spec.commandLine().getOut());
      return 0;
    }
  }
}
