package anycast.ctl;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `proxyctl links`.
@Command(name = "links", description = "Backhaul links of each event loop.")
final class LinksCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Override
  public Integer call() throws CtlFault {
    Columns columns =
        new Columns()
            .number("LOOP", "loop")
            .text("NODE", "node")
            .text("STATE", "state")
            .number("STREAMS", "streams")
            .number("RTT us", "rtt_us")
            .number("AGE s", "age_s");
    return main.ask(
        "/links", Map.of(), (answer, out) -> columns.print(out, "", "links", answer.path("links")));
  }
}
