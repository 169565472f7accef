package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.PosixException;
import anycast.backhaul.posix.Signal;
import anycast.backhaul.posix.Spawn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A proxy as systemd would start it: with sockets that it inherits, and somebody to tell how it
/// is.
public final class Proxy implements AutoCloseable {
  private final Child child;
  private final Path log;

  private Proxy(Child child, Path log) {
    this.child = child;
    this.log = log;
  }

  /// Starts a main class of this class path.
  ///
  /// @param flags of the JVM
  /// @param variables of its environment; a `LISTEN_PID` of `$$` is its own, and `NOFILE` limits
  ///   its descriptors
  /// @param inherited descriptors of this process
  public static Proxy start(
      Path folder,
      Class<?> main,
      List<String> flags,
      Map<String, String> variables,
      List<Integer> inherited)
      throws PosixException {
    Path log = folder.resolve("proxy.log");
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(flags);
    java.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            "--config",
            folder.resolve("config.yaml").toString()));
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("LISTEN_FDS", Integer.toString(inherited.size()));
    List<String> shell = new ArrayList<>();
    // A process knows its number only when it runs, and exec keeps it.
    String prepare =
        "eval export LISTEN_PID=$LISTEN_PID; [ -z \"$NOFILE\" ] || ulimit -n $NOFILE; exec \"$@\"";
    shell.addAll(List.of("sh", "-c", prepare, "sh"));
    shell.addAll(java);
    Child child = new Spawn(Path.of("/bin/sh"), shell, environment, folder, log, inherited).start();
    return new Proxy(child, log);
  }

  public int pid() {
    return child.pid();
  }

  public void signal(Signal signal) throws PosixException {
    child.signal(signal);
  }

  public Child.End awaitEnd() throws PosixException {
    return child.awaitEnd();
  }

  /// What it wrote so far.
  public String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Override
  public void close() throws PosixException {
    child.signal(Signal.KILL);
    child.awaitEnd();
    child.reap();
  }
}
