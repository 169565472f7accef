package anycast.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `proxyctl vs get`.
@Command(
    name = "get",
    description = {
      "A virtual service's document, as it is in force or as it was.",
      "Its first lines say generation and name: applied again from whatever file, it",
      "changes this virtual service, and only where that generation is still in force."
    })
final class VsGetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ParentCommand private VsCommand parent;

  @Mixin private StateOption state;

  @Parameters(paramLabel = "NAME", description = "Of the virtual service.")
  private String name;

  @Option(
      names = "--generation",
      paramLabel = "N",
      description = "As it was then; proxyctl vs history lists them.")
  private Long generation;

  @Override
  public Integer call() throws IOException, CtlFault, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger ledger = state.open()) {
      Version version =
          generation == null ? Past.current(ledger, name) : Past.at(ledger, name, generation);
      KeptOut keptOut = KeptOut.ask(ledger);
      ObjectNode answer = Past.json(version, JsonNodeFactory.instance.objectNode());
      ArrayNode rejects = answer.putArray("rejects");
      keptOut.tell(name, version.document(), rejects);
      answer.put("rejects_problem", keptOut.trouble());
      if (parent.isJson()) {
        parent.json(answer, out);
      } else {
        out.println(Sheet.basis(version.generation()));
        out.println("name: " + Printable.of(version.name()));
        out.print(Printable.lines(version.document()) + "\n");
        // beside the document, which may go into a file
        KeptOut.tell(
            JsonNodeFactory.instance.arrayNode().add(answer),
            keptOut.trouble(),
            spec.commandLine().getErr());
      }
      out.flush();
      return 0;
    }
  }
}
