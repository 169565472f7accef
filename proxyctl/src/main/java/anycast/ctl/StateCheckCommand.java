package anycast.ctl;

import anycast.routing.feed.sqlite.StateFile;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `proxyctl state check`.
@Command(
    name = "check",
    description = {
      "Names everything that is wrong with the state store's database: pages, schema, rows.",
      "Also while it serves; on the store's host. Ends with 1 where something is wrong."
    })
final class StateCheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private StoreDatabase database;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    StateFile.Report report = database.file().check();
    report.notes().forEach(note -> out.println(Printable.of(note)));
    report.rows().forEach(row -> out.println("UNFIT ROW " + Printable.of(row)));
    report.problems().forEach(problem -> out.println("PROBLEM " + Printable.of(problem)));
    boolean well = report.rows().isEmpty() && report.problems().isEmpty();
    out.println(well ? "nothing is wrong" : "something is wrong");
    return well ? 0 : 1;
  }
}
