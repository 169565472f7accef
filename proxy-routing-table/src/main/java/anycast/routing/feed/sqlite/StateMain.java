package anycast.routing.feed.sqlite;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `proxy-state`: the process that serves a database, and the commands for its file.
///
/// Exit codes: 0 after SIGTERM or a command that found nothing wrong, 1 where it cannot run (a port
/// in use, a file that is no database) or something is wrong, 2 where it was called wrongly.
public final class StateMain {
  private static final String USAGE =
      """
      usage: StateMain --listen HOST:PORT --database FILE [--sync full|normal|off]
                       [--ready-file FILE] [--token-file FILE] [--endpoint NAME]
                       [--gather MILLIS]
             StateMain backup --database FILE --to FILE
             StateMain restore --database FILE --from FILE
             StateMain check --database FILE\
      """;

  private StateMain() {}

  public static void main(String[] args) {
    if (args.length > 0 && !args[0].startsWith("--")) {
      System.exit(FileCommand.run(args, USAGE));
    }
    StateFlags flags = StateFlags.of(args);
    if (!flags.problems().isEmpty()) {
      flags.problems().forEach(problem -> System.err.println("proxy-state: " + problem));
      System.err.println(USAGE);
      System.exit(2);
    }
    try {
      serve(flags);
    } catch (BindException e) {
      fail(
          "cannot listen on %s:%d: %s"
              .formatted(flags.listen().getHostString(), flags.listen().getPort(), e.getMessage()));
    } catch (StoreException e) {
      fail(e.getMessage());
    } catch (IOException | SQLException e) {
      fail(e.toString());
    }
  }

  private static void fail(String message) {
    System.err.println("proxy-state: " + message);
    System.exit(1);
  }

  private static void serve(StateFlags flags) throws StoreException, IOException, SQLException {
    Logger log = LoggerFactory.getLogger(StateMain.class);
    StateStore store = StateStore.open(flags.database(), flags.sync(), Ticker.system());
    StateServer server;
    try {
      server = StateServer.start(store, settings(flags), Ticker.system());
    } catch (IOException | SQLException e) {
      store.close();
      throw e;
    }
    AtomicInteger exitCode = new AtomicInteger();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  log.info("closing");
                  server.close();
                  // A signal that was answered in order is no failure, which the JVM would report.
                  Runtime.getRuntime().halt(exitCode.get());
                },
                "state-close"));
    log.info("state in {} at {}", flags.database(), server.uri());
    if (flags.readyFile().isPresent()) {
      try {
        announce(flags.readyFile().get(), server.uri());
      } catch (IOException e) {
        exitCode.set(1);
        fail("cannot write " + flags.readyFile().get() + ": " + e);
      }
    }
  }

  /// Subscriptions stay beside the database, for one start after an orderly stop.
  private static ServerSettings settings(StateFlags flags) {
    return ServerSettings.of(flags.listen())
        .withToken(flags.token())
        .withEndpointName(flags.endpoint())
        .withGather(flags.gather())
        .withSubscriptionsFile(
            Optional.of(StateFile.subscriptions(flags.database().toAbsolutePath())));
  }

  private static void announce(Path file, URI uri) throws IOException {
    Map<String, Object> ready = new LinkedHashMap<>();
    ready.put("pid", ProcessHandle.current().pid());
    ready.put("state", uri.toString());
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.write(temporary, JsonMapper.builder().build().writeValueAsBytes(ready));
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
