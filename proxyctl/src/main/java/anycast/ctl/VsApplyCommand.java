package anycast.ctl;

import anycast.routing.document.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs apply`.
@Command(
    name = "apply",
    description = {
      "Reviews documents against the state as it is, asks, and writes them: in a store all or"
          + " none.",
      "Writes nothing where one is wrong, or where what it was made from is not in force any more."
    })
final class VsApplyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Mixin private StateOption state;

  @Mixin private ChangeOptions options;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "- is the standard input.")
  private List<String> files;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Of the only document, where it does not say so itself.")
  private String name = "";

  @Option(
      names = "--expect",
      paramLabel = "N",
      description = {
        "The generation that must be in force, 0 for none. Else what the document's line",
        "'# generation: N' says, which proxyctl vs get writes."
      })
  private Long expected;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<Sheet> sheets = Sheets.read(files, name);
    check(sheets);
    if (!parent.isJson()) {
      for (Sheet sheet : sheets) {
        for (Problem warning : sheet.warnings()) {
          out.println("warning: " + Printable.of(sheet.text(warning)));
        }
      }
    }
    try (Ledger ledger = state.open()) {
      List<Wanted> wanted = new ArrayList<>();
      for (Sheet sheet : sheets) {
        Head head = ledger.head(sheet.name());
        if (expected != null) {
          Conflict.check(ledger, head, expected, parent.asides(out));
        } else if (sheet.basis().isPresent()) {
          Conflict.check(ledger, head, sheet.basis().getAsLong(), parent.asides(out));
        }
        wanted.add(new Wanted(head, sheet.document()));
      }
      return new VsChange(ledger, parent, options, out).run(wanted, "");
    }
  }

  private static void check(List<Sheet> sheets) throws CtlFault {
    List<String> problems = new ArrayList<>();
    for (Sheet sheet : sheets) {
      sheet.problems().forEach(problem -> problems.add(sheet.text(problem)));
    }
    if (!problems.isEmpty()) {
      throw new CtlFault(
          "nothing was written: "
              + problems.getFirst()
              + (problems.size() == 1
                  ? ""
                  : " (and " + (problems.size() - 1) + " more; proxyctl vs validate lists all)"));
    }
  }
}
