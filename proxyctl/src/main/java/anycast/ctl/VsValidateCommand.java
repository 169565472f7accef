package anycast.ctl;

import anycast.routing.document.Problem;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs validate`: asks nobody.
@Command(
    name = "validate",
    description = {
      "Everything that is wrong with documents, as FILE:LINE:COLUMN. Asks nobody.",
      "Exit code 0: they can be applied; 1: they cannot."
    })
final class VsValidateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Parameters(paramLabel = "FILE", arity = "0..*", description = "- is the standard input.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Of the only document, where it does not say so itself.")
  private String name = "";

  @Option(names = "--schema", description = "Prints the JSON Schema of documents, for editors.")
  private boolean schema;

  @Override
  public Integer call() throws CtlFault {
    PrintWriter out = spec.commandLine().getOut();
    if (schema) {
      out.println(Schema.text().stripTrailing());
      return 0;
    }
    if (files.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), "which FILE?");
    }
    List<Sheet> sheets = Sheets.read(files, name);
    boolean well = sheets.stream().allMatch(sheet -> sheet.problems().isEmpty());
    if (parent.isJson()) {
      parent.json(json(sheets, well), out);
    } else {
      tell(sheets, out);
    }
    return well ? 0 : 1;
  }

  private static void tell(List<Sheet> sheets, PrintWriter out) {
    for (Sheet sheet : sheets) {
      for (Problem problem : sheet.problems()) {
        out.println(Printable.of(sheet.text(problem)));
      }
      for (Problem warning : sheet.warnings()) {
        out.println(Printable.of(sheet.text(warning)) + " (warning)");
      }
      if (sheet.problems().isEmpty()) {
        out.println(
            Printable.of(sheet.file() + ":" + sheet.line() + ": " + sheet.name()) + " is good");
      }
    }
  }

  private static ObjectNode json(List<Sheet> sheets, boolean well) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("valid", well);
    ArrayNode documents = answer.putArray("documents");
    for (Sheet sheet : sheets) {
      ObjectNode document = documents.addObject();
      document.put("name", sheet.name());
      document.put("file", sheet.file());
      document.put("line", sheet.line());
      document.put("valid", sheet.problems().isEmpty());
      list(sheet, sheet.problems(), document.putArray("problems"));
      list(sheet, sheet.warnings(), document.putArray("warnings"));
    }
    return answer;
  }

  private static void list(Sheet sheet, List<Problem> problems, ArrayNode into) {
    for (Problem problem : problems) {
      ObjectNode row = into.addObject();
      row.put("line", sheet.lineOf(problem));
      row.put("column", Math.max(problem.column(), 1));
      row.put("path", problem.path());
      row.put("message", problem.message());
    }
  }
}
