package anycast.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/// `proxyctl resync`.
@Command(
    name = "resync",
    description = {
      "Takes a new snapshot of tables from their sources.",
      "What is in force stays until it is complete."
    })
final class ResyncCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Mixin private FeedChoice choice = new FeedChoice();

  @Override
  public Integer call() throws CtlFault {
    Columns columns = new Columns().text("SOURCE", "source").text("TABLE", "table");
    return main.tell(
        "/resync",
        choice.query(),
        (answer, out) -> {
          out.println("new snapshots were asked for; proxyctl state shows when they are in force:");
          columns.print(out, "  ", "feeds", answer.path("feeds"));
        });
  }
}
