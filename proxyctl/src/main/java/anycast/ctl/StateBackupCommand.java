package anycast.ctl;

import anycast.routing.feed.sqlite.StoreException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl state backup`.
@Command(
    name = "backup",
    description = "Copies the state store's database, also while it serves; on the store's host.")
final class StateBackupCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private StoreDatabase database;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "The backup; must not exist.")
  private Path to;

  @Override
  public Integer call() throws CtlFault {
    try {
      spec.commandLine().getOut().println(Printable.of(database.file().backup(to)));
      return 0;
    } catch (StoreException e) {
      throw new CtlFault(e.getMessage(), e);
    }
  }
}
