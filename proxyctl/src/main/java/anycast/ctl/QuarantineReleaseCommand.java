package anycast.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `proxyctl quarantine release`.
@Command(
    name = "release",
    description = {
      "Lets an entry be tried again, in the processes that are asked; others keep it out.",
      "A new version of the row does the same everywhere, and is mostly what is wanted."
    })
final class QuarantineReleaseCommand implements Callable<Integer> {
  @ParentCommand private QuarantineCommand parent;

  @Parameters(paramLabel = "HASH", description = "Or as much of it as no other one begins with.")
  private String hash;

  @Override
  public Integer call() throws CtlFault {
    return parent
        .main()
        .tell("/quarantine/release", Map.of("hash", hash), QuarantineReleaseCommand::show);
  }

  private static void show(JsonNode answer, PrintWriter out) {
    JsonNode entry = answer.path("entry");
    out.println(
        Printable.of(
            "released: "
                + entry.path("brief").asText()
                + ", "
                + entry.path("table").asText()
                + " "
                + entry.path("key").asText()));
    answer.path("next").forEach(sentence -> out.println("  " + Printable.of(sentence.asText())));
  }
}
