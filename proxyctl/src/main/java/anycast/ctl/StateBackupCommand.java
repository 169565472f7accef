package anycast.ctl;

import anycast.routing.feed.sqlite.StateFile;
import anycast.routing.feed.sqlite.StoreException;
import anycast.routing.time.Ticker;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl state backup`.
@Command(
    name = "backup",
    description = "Copies the state store's database, also while it serves; on the store's host.")
final class StateBackupCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--database",
      required = true,
      paramLabel = "FILE",
      description = "What the store was started with as --database.")
  private Path database;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "The backup; must not exist.")
  private Path to;

  @Override
  public Integer call() throws CtlFault {
    try {
      StateFile file = new StateFile(database, InstantSource.system(), Ticker.system());
      spec.commandLine().getOut().println(Printable.of(file.backup(to)));
      return 0;
    } catch (StoreException e) {
      throw new CtlFault(e.getMessage(), e);
    }
  }
}
