package anycast.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs diff`.
@Command(
    name = "diff",
    description = {
      "What a FILE would change of a virtual service, or how two of its generations differ.",
      "Exit code 0 also where they differ."
    })
final class VsDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Mixin private StateOption state;

  @Parameters(index = "0", paramLabel = "NAME", description = "Of the virtual service.")
  private String name;

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      arity = "0..1",
      description = "What it is compared with.")
  private String file;

  @Option(
      names = "--from",
      paramLabel = "N",
      description = "A generation; without it the one in force.")
  private Long from;

  @Option(
      names = "--to",
      paramLabel = "N",
      description = "A generation, in place of FILE; without both the one in force.")
  private Long to;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    if (file != null && to != null || file == null && from == null && to == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "compare with what? FILE, or --from N, --to N or both");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger ledger = state.open()) {
      Version before = version(ledger, from);
      String after;
      String afterWords;
      if (file == null) {
        Version other = version(ledger, to);
        after = other.document();
        afterWords = Past.words(other);
      } else {
        after = sheet().document();
        afterWords = file;
      }
      List<String> lines = TextDiff.of(before.document(), after);
      if (parent.isJson()) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("name", name).put("differs", !lines.isEmpty());
        answer.put("before", Past.words(before)).put("after", afterWords);
        ArrayNode diff = answer.putArray("lines");
        lines.forEach(diff::add);
        parent.json(answer, out);
      } else if (lines.isEmpty()) {
        out.println("no difference");
      } else {
        out.println("- " + Printable.of(Past.words(before)));
        out.println("+ " + Printable.of(afterWords));
        lines.forEach(out::println);
      }
      return 0;
    }
  }

  private Version version(Ledger ledger, Long generation)
      throws IOException, CtlFault, InterruptedException {
    return generation == null ? Past.current(ledger, name) : Past.at(ledger, name, generation);
  }

  /// The one of this name, or the only one.
  private Sheet sheet() throws CtlFault {
    List<Sheet> sheets = Sheet.read(file);
    if (sheets.size() == 1) {
      return sheets.getFirst();
    }
    return sheets.stream()
        .filter(sheet -> sheet.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new CtlFault(file + " holds no document called " + name));
  }
}
