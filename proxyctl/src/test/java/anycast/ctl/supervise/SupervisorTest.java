package anycast.ctl.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.Libc;
import anycast.backhaul.posix.NotifySender;
import anycast.backhaul.posix.Signal;
import anycast.backhaul.posix.Spawn;
import anycast.backhaul.runtime.HostPort;
import anycast.routing.time.Ticker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real children: shells, and JVMs on strings.
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SupervisorTest {
  @TempDir private Path directory;

  private String puppet(Path strings, String settings, String... arguments) {
    return """
      - name: puppet
        command: %s
        log: puppet.log
    """
            .formatted(Puppet.command(strings, arguments))
        + settings.indent(4);
  }

  private static String answer(HostPort address) throws IOException {
    try (Socket client = new Socket(address.host(), address.port())) {
      return line(client);
    }
  }

  private static String line(Socket client) throws IOException {
    client.setSoTimeout(60_000);
    return new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))
        .readLine();
  }

  @Test
  void connectionsWaitWhileAKilledChildIsStartedAgain() throws Exception {
    Path strings = Puppet.strings(directory);
    String settings =
        """
        sockets: [ { name: http, listen: "127.0.0.1:0" } ]
        restart: { first: 1s }
        """;
    try (Stage stage = Stage.open(directory, puppet(strings, settings, "serve"))) {
      Puppet.pull(strings, "READY=1");
      int first = stage.awaitState("puppet", ServiceState.READY).pid();
      HostPort address = stage.seen("puppet").addresses().getFirst();
      assertEquals(Integer.toString(first), answer(address));
      Libc.kill(first, Signal.KILL);
      ServiceLife.Glimpse down = stage.awaitState("puppet", ServiceState.BACKOFF);
      assertEquals("SIGKILL", down.last().orElseThrow().how());
      try (Socket waiting = new Socket(address.host(), address.port())) {
        String second = line(waiting);
        assertNotEquals(Integer.toString(first), second);
        assertEquals(Integer.toString(stage.seen("puppet").glimpse().pid()), second);
      }
    }
  }

  @Test
  void connectionsToAServiceThatKeepsDyingAreRefusedAndToOneThatIsWellAgainAnswered()
      throws Exception {
    Path strings = Puppet.strings(directory);
    String settings =
        """
        sockets: [ { name: http, listen: "127.0.0.1:0" } ]
        restart: { first: 60s }
        """;
    try (Stage stage = Stage.open(directory, puppet(strings, settings, "serve"))) {
      Puppet.pull(strings, "READY=1");
      int first = stage.awaitState("puppet", ServiceState.READY).pid();
      HostPort address = stage.seen("puppet").addresses().getFirst();
      Libc.kill(first, Signal.STOP);
      try (Socket waiting = new Socket(address.host(), address.port())) {
        Libc.kill(first, Signal.KILL);
        stage.awaitState("puppet", ServiceState.BACKOFF);
        assertThrows(SocketException.class, () -> line(waiting), "it still waits");
      }
      assertThrows(ConnectException.class, () -> answer(address));
      stage.supervisor.ask("puppet", Event.Order.START);
      int second = stage.await("puppet", glimpse -> glimpse.pid() != 0).pid();
      assertEquals(Integer.toString(second), answer(address));
    }
  }

  @Test
  void onlyItsOwnProcessSpeaksForAService() throws Exception {
    Path strings = Puppet.strings(directory);
    try (Stage stage = Stage.open(directory, puppet(strings, "watchdog: 60s"))) {
      Puppet.pull(strings, "STATUS=here");
      ServiceLife.Glimpse here = stage.await("puppet", glimpse -> glimpse.status().equals("here"));
      try (NotifySender stranger = NotifySender.open(variable(here.pid(), "NOTIFY_SOCKET"))) {
        stranger.send("READY=1\nSTATUS=lie");
      }
      // comes behind it, on the same socket
      Puppet.pull(strings, "STATUS=truth;MAINPID=1");
      ServiceLife.Glimpse after =
          stage.await("puppet", glimpse -> !glimpse.status().equals("here"));
      assertEquals("truth", after.status());
      assertEquals(ServiceState.STARTING, after.state());
      assertEquals(here.pid(), after.pid());
      assertEquals("60000000", variable(here.pid(), "WATCHDOG_USEC"));
      assertEquals(Integer.toString(here.pid()), variable(here.pid(), "WATCHDOG_PID"));
    }
  }

  private static String variable(int pid, String name) throws IOException {
    String all = Files.readString(Path.of("/proc", Integer.toString(pid), "environ"));
    return List.of(all.split("\0")).stream()
        .filter(each -> each.startsWith(name + "="))
        .findFirst()
        .orElseThrow()
        .substring(name.length() + 1);
  }

  @Test
  void whoStopsBeatingWritesADumpAndIsKilled() throws Exception {
    Path strings = Puppet.strings(directory);
    try (Stage stage = Stage.open(directory, puppet(strings, "watchdog: 1s"))) {
      int first = stage.awaitState("puppet", ServiceState.STARTING).pid();
      Puppet.pull(strings, "READY=1");
      ServiceLife.Glimpse ended = stage.await("puppet", glimpse -> glimpse.last().isPresent());
      assertEquals("SIGKILL", ended.last().orElseThrow().how());
      assertEquals("no WATCHDOG=1 for 1 s", ended.last().orElseThrow().reason());
      assertTrue(Files.readString(directory.resolve("puppet.log")).contains("Full thread dump"));
      stage.await("puppet", glimpse -> glimpse.pid() != 0 && glimpse.pid() != first);
    }
  }

  @Test
  void aStoppedProcessIsKilledToo() throws Exception {
    Path strings = Puppet.strings(directory);
    try (Stage stage = Stage.open(directory, puppet(strings, "watchdog: 3s"))) {
      Puppet.pull(strings, "READY=1");
      Libc.kill(stage.awaitState("puppet", ServiceState.READY).pid(), Signal.STOP);
      ServiceLife.Glimpse ended = stage.await("puppet", glimpse -> glimpse.last().isPresent());
      assertEquals("SIGKILL", ended.last().orElseThrow().how());
    }
  }

  @Test
  void ofTwoThatStallTogetherOneIsKilledAfterTheOther() throws Exception {
    Path here = Files.createDirectory(directory.resolve("one"));
    Path there = Files.createDirectory(directory.resolve("two"));
    Path one = Puppet.strings(here);
    Path two = Puppet.strings(there);
    String services =
        puppet(one, "watchdog: 1s\ndump: 1s\nrestart: { first: 1h, most: 1h }")
            + puppet(two, "watchdog: 1s\ndump: 1s\nrestart: { first: 1h, most: 1h }")
                .replace("name: puppet", "name: other")
                .replace("log: puppet.log", "log: other.log");
    try (Stage stage = Stage.open(directory, services)) {
      Puppet.pull(one, "READY=1");
      Puppet.pull(two, "READY=1");
      long first = stage.await("puppet", SupervisorTest::ended).last().orElseThrow().atNanos();
      long second = stage.await("other", SupervisorTest::ended).last().orElseThrow().atNanos();
      // each has its time for a dump, and not the same
      assertTrue(Math.abs(second - first) >= Duration.ofSeconds(1).toNanos());
    }
  }

  private static boolean ended(ServiceLife.Glimpse glimpse) {
    return glimpse.last().isPresent();
  }

  @Test
  void nobodyIsKilledForTimeThatTheSupervisorStoodStill() throws Exception {
    AtomicLong lost = new AtomicLong();
    Path strings = Puppet.strings(directory);
    Ticker ticker = () -> Ticker.system().nanos() + lost.get();
    try (Stage stage = Stage.open(directory, puppet(strings, "watchdog: 1m"), ticker)) {
      Puppet.pull(strings, "READY=1");
      stage.awaitState("puppet", ServiceState.READY);
      lost.addAndGet(TimeUnit.MINUTES.toNanos(10));
      Puppet.pull(strings, "WATCHDOG=1;STATUS=on");
      ServiceLife.Glimpse after = stage.await("puppet", glimpse -> glimpse.status().equals("on"));
      assertEquals(ServiceState.READY, after.state());
      assertEquals(1, after.starts());
    }
  }

  private String shell(String name, String script, String settings) {
    return """
      - name: %s
        command: [sh, -c, '%s']
        log: %s.log
    """
            .formatted(name, script, name)
        + settings.indent(4);
  }

  @Test
  void whoNeverSaysReadyIsEndedAndTriedAgain() throws Exception {
    String silent = shell("silent", "echo begun; exec sleep 600", "start: 300ms");
    try (Stage stage = Stage.open(directory, silent)) {
      ServiceLife.Glimpse again = stage.await("silent", glimpse -> glimpse.starts() > 1);
      assertTrue(again.last().orElseThrow().reason().startsWith("no READY=1 for "));
      assertTrue(Files.readString(directory.resolve("silent.log")).startsWith("begun\n"));
    }
  }

  @Test
  void whoAlwaysFailsIsStartedLessAndLessOften() throws Exception {
    String failing =
        shell("failing", "exit 3", "restart: { first: 20ms, most: 200ms }\nnotify: false")
            + """
              - name: missing
                command: [/nowhere/program]
                log: missing.log
            """;
    try (Stage stage = Stage.open(directory, failing)) {
      stage.await("failing", glimpse -> glimpse.starts() >= 7);
      ServiceLife.Glimpse down = stage.awaitState("failing", ServiceState.BACKOFF);
      assertEquals("exit code 3", down.last().orElseThrow().how());
      assertEquals("", down.last().orElseThrow().reason());
      // as sh says it of what it cannot execute
      assertEquals(
          "exit code 127",
          stage.await("missing", glimpse -> glimpse.last().isPresent()).last().orElseThrow().how());
    }
  }

  @Test
  void aStopLeavesNoProcessAndNoZombie() throws Exception {
    String services =
        shell("first", "sleep 600 & sleep 600 & wait", "notify: false")
            + shell("second", "exec sleep 600", "notify: false")
            + shell("third", "trap \"exit 0\" TERM; while :; do sleep 0.1; done", "notify: false");
    Set<Long> children;
    try (Stage stage = Stage.open(directory, services)) {
      for (String name : List.of("first", "second", "third")) {
        stage.awaitState(name, ServiceState.READY);
      }
      // until the shell has started both
      Stage.await(() -> descendants().size() >= 5, () -> descendants().toString());
      children = descendants();
      stage.supervisor.terminate();
      stage.awaitEnd();
    }
    for (long pid : children) {
      // what a killed shell had started goes to init, which reaps it in its own time
      Stage.await(() -> ProcessHandle.of(pid).isEmpty(), () -> pid + " is there");
    }
    assertEquals(Set.of(), descendants());
  }

  private static Set<Long> descendants() {
    return ProcessHandle.current()
        .descendants()
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  @Test
  void whatComesLastIsStoppedFirst() throws Exception {
    String marks = "trap \"echo $0 >> order; exit 0\" TERM; while :; do sleep 0.05; done";
    String services =
        shell("store", marks.replace("$0", "store"), "notify: false")
            + shell("edge", marks.replace("$0", "edge"), "notify: false")
            + shell("app", marks.replace("$0", "app"), "notify: false");
    try (Stage stage = Stage.open(directory, services.replace("'trap", "'echo up; trap"))) {
      for (String name : List.of("store", "edge", "app")) {
        Path log = directory.resolve(name + ".log");
        Stage.await(() -> Files.exists(log) && Files.size(log) > 0, () -> name + " is not up");
      }
      stage.supervisor.terminate();
      stage.awaitEnd();
    }
    assertEquals(List.of("app", "edge", "store"), Files.readAllLines(directory.resolve("order")));
  }

  @Test
  void aSecondWishToEndWaitsForNobody() throws Exception {
    String deaf =
        shell(
            "deaf",
            "trap \"\" TERM; echo up; while :; do sleep 0.05; done",
            "stop: 1h\nnotify: false");
    try (Stage stage = Stage.open(directory, deaf)) {
      Path log = directory.resolve("deaf.log");
      Stage.await(() -> Files.exists(log) && Files.size(log) > 0, () -> "it is not up");
      stage.supervisor.terminate();
      stage.awaitState("deaf", ServiceState.STOPPING);
      stage.supervisor.terminate();
      stage.awaitEnd();
      assertEquals("SIGKILL", stage.seen("deaf").glimpse().last().orElseThrow().how());
    }
  }

  /// A process that tells a supervisor whose process has this number.
  private Process told(long supervisor, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    Path socket = directory.resolve(".s.sock.notify-" + supervisor).resolve("0");
    builder.environment().put(Orphans.VARIABLE, socket.toString());
    return builder.start();
  }

  @Test
  void whatAKilledSupervisorLeftIsStoppedBeforeAnythingIsStarted() throws Exception {
    // dead, and nobody has reaped it
    Path log = directory.resolve("dead.log");
    Child dead =
        new Spawn(Path.of("/bin/true"), List.of("true"), Map.of(), directory, log, List.of())
            .start();
    dead.awaitEnd();
    String deaf = "trap '' TERM; echo deaf; while :; do sleep 0.05; done";
    Process left = told(dead.pid(), "sleep", "600");
    Process stubborn = told(dead.pid(), "sh", "-c", deaf);
    Process other = told(ProcessHandle.current().pid(), "sleep", "600");
    try {
      assertEquals("deaf", stubborn.inputReader().readLine());
      String service = shell("app", "exec sleep 600", "notify: false\nstop: 1s");
      try (Stage stage = Stage.open(directory, service)) {
        assertFalse(left.isAlive() || stubborn.isAlive());
        assertEquals(143, left.waitFor(), "SIGTERM");
        assertEquals(137, stubborn.waitFor(), "SIGKILL");
        assertTrue(other.isAlive(), "its supervisor lives");
        int pid = stage.awaitState("app", ServiceState.READY).pid();
        String own = Orphans.VARIABLE + "=" + directory + "/.s.sock.notify-";
        Path environment = Path.of("/proc", Integer.toString(pid), "environ");
        // between fork and exec it has none
        Stage.await(() -> Files.readString(environment).contains(own), () -> own);
      }
    } finally {
      List.of(left, stubborn, other).forEach(Process::destroyForcibly);
      dead.reap();
    }
  }

  @Test
  void aSocketThatIsTakenIsNamed() throws Exception {
    String service =
        """
          - name: app
            command: [sleep, "600"]
            notify: false
            log: app.log
            sockets: [ { name: http, listen: "127.0.0.1:%d" } ]
        """;
    try (Stage stage = Stage.open(directory, service.formatted(0))) {
      HostPort taken = stage.seen("app").addresses().getFirst();
      Path other = Files.createDirectory(directory.resolve("other"));
      IOException refused =
          assertThrows(
              IOException.class, () -> Stage.open(other, service.formatted(taken.port())).close());
      assertTrue(
          refused
              .getMessage()
              .startsWith("app cannot listen on " + taken + ": bind: Address already in use"),
          refused.getMessage());
      // nothing is left but the file itself
      assertEquals(1, other.toFile().list().length);
    }
  }
}
