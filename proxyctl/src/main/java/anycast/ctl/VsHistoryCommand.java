package anycast.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/// `proxyctl vs history`.
@Command(
    name = "history",
    description = "Who changed a virtual service when, newest first; the last 100 are kept.")
final class VsHistoryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Mixin private StateOption state;

  @Parameters(paramLabel = "NAME", description = "Of the virtual service.")
  private String name;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger ledger = state.open()) {
      Head head = ledger.head(name);
      List<Version> versions = ledger.versions(name);
      if (versions.isEmpty() && head.document().isEmpty()) {
        throw Past.never(name);
      }
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      answer.put("name", name);
      ArrayNode rows = answer.putArray("versions");
      KeptOut keptOut = KeptOut.ask(ledger);
      answer.put("rejects_problem", keptOut.trouble());
      boolean kept = false;
      for (Version version : versions) {
        boolean inForce =
            head.document().isPresent() && version.generation() == head.rowGeneration();
        kept |= inForce;
        tell(version, inForce, keptOut, rows.addObject());
      }
      if (head.document().isPresent() && !kept) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        tell(Past.current(ledger, name), true, keptOut, row);
        rows.insert(0, row);
      }
      if (parent.isJson()) {
        parent.json(answer, out);
      } else {
        new Columns()
            .number("GENERATION", "generation")
            .text("WHEN", "when")
            .text("AUTHOR", "author")
            .text("WHAT", "what")
            .text("NOTE", "note")
            .print(out, "", "versions", rows);
        KeptOut.tell(rows, keptOut.trouble(), out);
      }
      return 0;
    }
  }

  private static void tell(Version version, boolean inForce, KeptOut keptOut, ObjectNode row) {
    Past.json(version, row);
    row.put("in_force", inForce);
    row.put("when", Past.time(version));
    long lines = version.document().lines().count();
    String what = version.isDeletion() ? "deleted" : lines + " lines";
    List<KeptOut.Case> cases = keptOut.of(version.name(), version.document());
    KeptOut.json(cases, row.putArray("rejects"));
    row.put(
        "what",
        what
            + (inForce ? ", in force" : "")
            + (cases.isEmpty() ? "" : ", kept out by " + cases.getFirst().by()));
  }
}
