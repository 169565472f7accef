package anycast.ctl;

import anycast.routing.document.DocumentRead;
import anycast.routing.document.DocumentReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs rollback`.
@Command(
    name = "rollback",
    description = {
      "Applies an old version again, as a new generation, after the same review.",
      "Without --to it is the one before the one in force, or the last before a deletion."
    })
final class VsRollbackCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Mixin private StateOption state;

  @Mixin private ChangeOptions options;

  @Parameters(paramLabel = "NAME", description = "Of the virtual service.")
  private String name;

  @Option(names = "--to", paramLabel = "N", description = "The generation whose document it gets.")
  private Long to;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger ledger = state.open()) {
      Head head = ledger.head(name);
      Version version = to == null ? before(ledger, head) : Past.at(ledger, name, to);
      if (version.isDeletion()) {
        throw new CtlFault(
            "with generation "
                + version.generation()
                + " "
                + name
                + " was deleted; proxyctl vs"
                + " delete does that");
      }
      if (DocumentReader.read(version.document()) instanceof DocumentRead.Invalid(var problems)) {
        throw new CtlFault(
            "generation "
                + version.generation()
                + " of "
                + name
                + " cannot be used by this"
                + " version of the proxies: "
                + problems.getFirst().text());
      }
      return new VsChange(ledger, parent, options, out)
          .run(
              List.of(new Wanted(head, version.document())),
              "rollback to generation " + version.generation());
    }
  }

  private Version before(Ledger ledger, Head head)
      throws IOException, CtlFault, InterruptedException {
    for (Version version : ledger.versions(name)) {
      boolean older = head.document().isEmpty() || version.generation() < head.rowGeneration();
      if (older && !version.isDeletion()) {
        return version;
      }
    }
    if (head.document().isEmpty() && head.lastGeneration() == 0) {
      throw Past.never(name);
    }
    throw new CtlFault(
        "of "
            + name
            + " no version from before generation "
            + head.rowGeneration()
            + " is kept: there is nothing to go back to");
  }
}
