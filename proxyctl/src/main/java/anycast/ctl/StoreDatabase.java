package anycast.ctl;

import anycast.routing.feed.sqlite.StateFile;
import anycast.routing.time.Ticker;
import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Option;

/// Which database a command is about.
final class StoreDatabase {
  @Option(
      names = "--database",
      required = true,
      paramLabel = "FILE",
      description = "What the store was started with as --database.")
  private Path database;

  StateFile file() {
    return new StateFile(database, InstantSource.system(), Ticker.system());
  }
}
