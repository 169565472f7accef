package anycast.ctl;

import anycast.routing.feed.sqlite.StoreException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl state restore`.
@Command(
    name = "restore",
    description = {
      "Puts a backup in the place of the state store's database, in one step; on the store's host.",
      "Refuses while the store runs: stop it, restore, start it. Edges keep what both have."
    })
final class StateRestoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private StoreDatabase database;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "FILE",
      description = "The backup; it stays as it is.")
  private Path from;

  @Override
  public Integer call() throws CtlFault {
    PrintWriter out = spec.commandLine().getOut();
    try {
      database.file().restore(from).forEach(sentence -> out.println(Printable.of(sentence)));
      return 0;
    } catch (StoreException e) {
      throw new CtlFault(e.getMessage(), e);
    }
  }
}
