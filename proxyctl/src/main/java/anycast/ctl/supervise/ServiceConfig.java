package anycast.ctl.supervise;

import anycast.backhaul.runtime.ConfigBlock;
import anycast.backhaul.runtime.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// One service of the file.
///
/// @param name unique
/// @param kind neighbours of one kind are stopped together; the name where the file says nothing
/// @param command program, and its arguments; a program without `/` is looked for in PATH
/// @param directory that it runs in
/// @param environment added to the supervisor's own
/// @param sockets that it inherits, in this order
/// @param notifies whether it says READY=1; else it is ready as soon as it runs
/// @param limits of its life
/// @param log its output
record ServiceConfig(
    String name,
    String kind,
    List<String> command,
    Path directory,
    Map<String, String> environment,
    List<Listen> sockets,
    boolean notifies,
    Limits limits,
    Path log) {
  /// A host has a proxy for each of some cores.
  private static final int MAX_SOCKETS = 32;

  /// A JVM of a thousand threads prints their stacks within a second.
  private static final Duration DUMP = Duration.ofSeconds(2);

  /// Goes into file names, tables and `LISTEN_FDNAMES`, which `:` separates.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /// A socket that the supervisor holds.
  ///
  /// @param name in `LISTEN_FDNAMES`
  record Listen(String name, HostPort listen) {}

  /// How long things may take.
  ///
  /// @param watchdog longest silence of a ready one; empty = it does not beat
  /// @param dump from SIGQUIT, at which it writes down what it does, to SIGKILL
  /// @param start until READY=1
  /// @param stop from SIGTERM to SIGKILL
  /// @param restart how soon after an end
  record Limits(
      Optional<Duration> watchdog, Duration dump, Duration start, Duration stop, Backoff restart) {}

  /// Waiting times between an end and the next start: twice as long after each, by half less by
  /// chance.
  ///
  /// @param reset who was ready that long begins with `first` again
  record Backoff(Duration first, Duration most, Duration reset) {}

  static ServiceConfig read(ConfigBlock block) {
    String name = block.parsed("name", ServiceConfig::name);
    ConfigBlock restart = block.optionalBlock("restart");
    Backoff backoff =
        new Backoff(
            restart.positive("first", Duration.ofMillis(100)),
            restart.positive("most", Duration.ofSeconds(60)),
            restart.duration("reset", Duration.ofMinutes(10)));
    if (backoff.most().compareTo(backoff.first()) < 0) {
      restart.note("most", "is less than `first`");
    }
    Limits limits =
        new Limits(
            block.has("watchdog")
                ? Optional.of(block.positive("watchdog", Duration.ofSeconds(10)))
                : Optional.empty(),
            block.positive("dump", DUMP),
            block.positive("start", Duration.ofSeconds(60)),
            block.positive("stop", Duration.ofSeconds(40)),
            backoff);
    boolean notifies = block.bool("notify", true);
    if (!notifies && limits.watchdog().isPresent()) {
      block.note("watchdog", "wants `notify`: who says nothing cannot beat");
    }
    return new ServiceConfig(
        name,
        block.text("kind", name == null ? "" : name),
        block.texts("command"),
        directory(block, "directory"),
        environment(block),
        sockets(block),
        notifies,
        limits,
        log(block, name));
  }

  static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "wants at most 64 letters, digits, '.', '_' and '-', the first a letter or digit");
    }
    return text;
  }

  private static Path directory(ConfigBlock block, String key) {
    Path directory = block.path(key, block.path("log", null));
    boolean own = block.has(key);
    if (own && directory != null && !Files.isDirectory(directory)) {
      block.note(key, "names no directory: " + directory);
    }
    return own || directory == null ? directory : directory.getParent();
  }

  private static Path log(ConfigBlock block, String name) {
    Path log = block.path("log");
    if (log != null && Files.isDirectory(log)) {
      block.note("log", "names a directory, wants a file: " + log);
    } else if (log != null && !Files.isDirectory(log.getParent())) {
      block.note("log", "is in a directory that is not there: " + log.getParent());
    }
    return log;
  }

  private static Map<String, String> environment(ConfigBlock block) {
    Map<String, String> environment = block.textMap("environment");
    for (String variable : environment.keySet()) {
      if (!VARIABLE.matcher(variable).matches()) {
        block.note("environment", "has a name that no shell knows: " + variable);
      }
    }
    return Map.copyOf(environment);
  }

  private static List<Listen> sockets(ConfigBlock block) {
    List<Listen> sockets = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ConfigBlock socket : block.optionalBlocks("sockets")) {
      String name = socket.parsed("name", ServiceConfig::name);
      if (name != null && !names.add(name)) {
        socket.note("name", "stands twice: " + name);
      }
      sockets.add(new Listen(name, socket.hostPort("listen")));
    }
    if (sockets.size() > MAX_SOCKETS) {
      block.note("sockets", "has more than " + MAX_SOCKETS);
    }
    return List.copyOf(sockets);
  }
}
