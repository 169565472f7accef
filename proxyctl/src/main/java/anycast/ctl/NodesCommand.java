package anycast.ctl;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `proxyctl nodes`.
@Command(name = "nodes", description = "The fleet's hosts, and when each last gave a sign of life.")
final class NodesCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    Columns columns =
        new Columns()
            .text("NODE", "id")
            .text("ROLE", "role")
            .text("REGION", "region")
            .text("BACKHAUL", "backhaul")
            .number("GENERATION", "generation")
            .age("LAST BEAT", "beat_age_ms");
    return main.ask(
        "/nodes",
        Map.of(),
        (answer, out) -> {
          columns.print(out, "", "nodes", answer.path("nodes"));
          Cut.tell(answer, out);
        });
  }
}
