package anycast.ctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `proxyctl state export`, and `import`, which is the same in the other direction.
@Command(
    name = "export",
    aliases = "import",
    description = {
      "Copies a whole state from one place to another, and reads it back.",
      "A place is http://host:port of a store, nats://host:port, or a file. Export and import are"
          + " one",
      "command by two names."
    })
final class StateMoveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--from", required = true, paramLabel = "PLACE", description = "What is copied.")
  private String from;

  @Option(names = "--to", required = true, paramLabel = "PLACE", description = "Where it goes.")
  private String to;

  @Option(
      names = "--replace",
      description = "The target may hold rows: they are overwritten, and removed where not copied.")
  private boolean replace;

  @Option(names = "--dry-run", description = "Says what would be done and writes nothing.")
  private boolean dryRun;

  @Mixin private PlaceOptions options;

  @Override
  public Integer call() throws CtlFault, InterruptedException {
    if (from.equals(to)) {
      throw new CtlFault("--from and --to are one place");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (StatePlace source = place(from);
        StatePlace target = place(to)) {
      if (source instanceof FileState && !Files.exists(Path.of(from))) {
        throw new CtlFault("there is no file " + from);
      }
      StateCopy copy = new StateCopy(source, target, out);
      copy.plan();
      if (copy.standing() > 0 && !replace) {
        throw new CtlFault(
            to + " holds " + copy.standing() + " rows already; --replace overwrites them");
      }
      if (dryRun) {
        out.println("dry run: nothing was written");
      } else {
        copy.write();
        copy.verify();
      }
      return copy.leftOut() > 0 ? 1 : 0;
    } catch (NoSuchFileException e) {
      throw new CtlFault("there is no file or directory for " + e.getMessage(), e);
    } catch (AccessDeniedException e) {
      throw new CtlFault("this user may not use " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CtlFault(e.getMessage() == null ? e.toString() : e.getMessage(), e);
    }
  }

  private StatePlace place(String text) throws IOException, CtlFault, InterruptedException {
    if (PlaceOptions.isStore(text)) {
      return new StoreState(PlaceOptions.uri(text), options.token());
    }
    if (PlaceOptions.isNats(text)) {
      return new BucketState(options.nats(PlaceOptions.uri(text)), PlaceOptions.CONNECT_TIMEOUT);
    }
    if (text.contains("://")) {
      throw new CtlFault(text + " is neither http://, nor nats://, nor a file");
    }
    return new FileState(Path.of(text).toAbsolutePath());
  }
}
