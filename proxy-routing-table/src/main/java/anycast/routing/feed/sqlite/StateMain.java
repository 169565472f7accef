package anycast.routing.feed.sqlite;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `proxy-state`: the process.
///
/// Exit codes: 0 after SIGTERM, 1 where it cannot run (a port in use, a file that is no database),
/// 2 where it was called wrongly.
public final class StateMain {
  private static final String USAGE =
      "usage: StateMain --listen HOST:PORT --database FILE [--ready-file FILE] [--token-file FILE]";

  private StateMain() {}

  public static void main(String[] args) {
    StateFlags flags = StateFlags.of(args);
    if (!flags.problems().isEmpty()) {
      flags.problems().forEach(problem -> System.err.println("proxy-state: " + problem));
      System.err.println(USAGE);
      System.exit(2);
    }
    try {
      serve(flags);
    } catch (BindException e) {
      fail("cannot listen on " + flags.listen() + ": " + e.getMessage());
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
    StateStore store = StateStore.open(flags.database(), Ticker.system());
    StateServer server;
    try {
      server = StateServer.start(store, flags.listen(), flags.token(), Ticker.system());
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

  private static void announce(Path file, URI uri) throws IOException {
    Map<String, Object> ready = new LinkedHashMap<>();
    ready.put("pid", ProcessHandle.current().pid());
    ready.put("state", uri.toString());
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.write(temporary, JsonMapper.builder().build().writeValueAsBytes(ready));
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// What it was called with.
  ///
  /// @param problems all of them; the rest is meaningful only where there is none
  record StateFlags(
      InetSocketAddress listen,
      Path database,
      Optional<Path> readyFile,
      Optional<String> token,
      List<String> problems) {
    private static final List<String> KNOWN =
        List.of("--listen", "--database", "--ready-file", "--token-file");

    static StateFlags of(String[] args) {
      List<String> problems = new ArrayList<>();
      Map<String, String> given = new LinkedHashMap<>();
      for (int i = 0; i < args.length; i++) {
        boolean hasValue = i + 1 < args.length && !args[i + 1].startsWith("--");
        if (!KNOWN.contains(args[i])) {
          problems.add("unknown flag " + args[i]);
        } else if (!hasValue) {
          problems.add(args[i] + " wants a value");
        } else if (given.put(args[i], args[i + 1]) != null) {
          problems.add(args[i] + " is given twice");
        }
        i += hasValue ? 1 : 0;
      }
      InetSocketAddress listen = listen(given.get("--listen"), problems);
      if (!given.containsKey("--database")) {
        problems.add("--database is missing");
      }
      return new StateFlags(
          listen,
          Path.of(given.getOrDefault("--database", "")),
          Optional.ofNullable(given.get("--ready-file")).map(Path::of),
          token(given.get("--token-file"), problems),
          problems);
    }

    private static InetSocketAddress listen(String text, List<String> problems) {
      if (text == null) {
        problems.add("--listen is missing");
        return null;
      }
      int colon = text.lastIndexOf(':');
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (colon > 0 && port >= 0 && port <= 65_535) {
          String host = text.substring(0, colon);
          InetSocketAddress address = new InetSocketAddress(host, port);
          if (address.isUnresolved()) {
            problems.add("--listen: unknown host " + host);
          }
          return address;
        }
      } catch (NumberFormatException e) {
        // told below
      }
      problems.add("--listen wants HOST:PORT, got " + text);
      return null;
    }

    private static Optional<String> token(String file, List<String> problems) {
      if (file == null) {
        return Optional.empty();
      }
      try {
        String token = Files.readString(Path.of(file)).strip();
        if (token.isEmpty()) {
          problems.add("--token-file " + file + " is empty");
        }
        return Optional.of(token);
      } catch (IOException e) {
        problems.add("--token-file " + file + " cannot be read");
        return Optional.empty();
      }
    }
  }
}
