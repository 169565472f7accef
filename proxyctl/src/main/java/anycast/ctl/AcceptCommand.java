package anycast.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/// `proxyctl accept`.
@Command(
    name = "accept",
    description = {
      "Lets retained rows go: those that a snapshot lacked, and that stayed in force because it"
          + " lacked so many.",
      "proxyctl state shows them."
    })
final class AcceptCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Mixin private FeedChoice choice = new FeedChoice();

  @Override
  public Integer call() throws CtlFault {
    Columns columns =
        new Columns().text("SOURCE", "source").text("TABLE", "table").number("ROWS", "rows");
    return main.tell(
        "/accept",
        choice.query(),
        (answer, out) -> {
          if (answer.path("feeds").isEmpty()) {
            out.println("no rows are retained");
          } else {
            out.println("these rows go:");
            columns.print(out, "  ", "feeds", answer.path("feeds"));
          }
        });
  }
}
