package anycast.backhaul.watchdog;

import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.PosixException;
import anycast.backhaul.posix.Signal;
import anycast.backhaul.posix.Spawn;
import anycast.routing.ChildJvm;
import anycast.routing.feed.lastgood.DirectoryDisk;
import anycast.routing.feed.lastgood.LastGoodStore;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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

  /// What one needs that finds no state: the identity of a node, `NODE.pem` and `NODE.key` beside
  /// `ca.pem`, and a saved table in `good`.
  public static void prepare(Path folder, Node.Role role, NodeId node) throws Exception {
    PrivateCa ca = PrivateCa.init(folder, InstantSource.system());
    ca.issue(role, node, Duration.ofDays(1)).write(folder, node.value(), ca.certificateFile());
    try (DirectoryDisk disk = DirectoryDisk.open(folder.resolve("good"))) {
      List<Entity> some = List.of(new App(new AppId("shop"), 1));
      new LastGoodStore(disk).save(some::forEach, 1, InstantSource.system().millis());
    }
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
    List<String> quick = new ArrayList<>(flags);
    quick.add(ChildJvm.QUICK);
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("LISTEN_FDS", Integer.toString(inherited.size()));
    List<String> shell = new ArrayList<>();
    // A process knows its number only when it runs, and exec keeps it.
    String prepare =
        "eval export LISTEN_PID=$LISTEN_PID; [ -z \"$NOFILE\" ] || ulimit -n $NOFILE; exec \"$@\"";
    shell.addAll(List.of("sh", "-c", prepare, "sh"));
    shell.addAll(ChildJvm.command(quick, main, "--config", folder.resolve("config.yaml")));
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
