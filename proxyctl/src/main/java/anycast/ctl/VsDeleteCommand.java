package anycast.ctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs delete`.
@Command(
    name = "delete",
    description = {
      "Deletes a virtual service, after a review of where its requests will go.",
      "Its versions are kept: proxyctl vs rollback brings it back."
    })
final class VsDeleteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Mixin private StateOption state;

  @Mixin private ChangeOptions options;

  @Parameters(paramLabel = "NAME", description = "Of the virtual service.")
  private String name;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger ledger = state.open()) {
      Head head = ledger.head(name);
      if (head.document().isEmpty()) {
        throw new CtlFault(
            "there is no virtual service "
                + name
                + "; proxyctl vs list shows those that there are");
      }
      return new VsChange(ledger, parent, options, out).run(List.of(new Wanted(head, "")), "");
    }
  }
}
