package anycast.ctl.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.watchdog.HostSlot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file, what services say, turns, logs: each on its own.
class SmallPartsTest {
  private static final long SECOND = 1_000_000_000;

  @TempDir private Path directory;

  private SupervisorConfig read(String text) throws Exception {
    Path file = directory.resolve("supervisor.yaml");
    Files.writeString(file, text);
    return SupervisorConfig.read(file);
  }

  @Test
  void aShortFileHasSensibleLimits() throws Exception {
    SupervisorConfig config =
        read(
            """
            socket: s.sock
            services:
              - name: app
                command: [sleep, "600"]
                log: app.log
            """);
    ServiceConfig app = config.services().getFirst();
    assertEquals(directory.resolve("s.sock"), config.socket());
    assertEquals(directory, app.directory());
    assertEquals("app", app.kind());
    assertTrue(app.notifies());
    assertFalse(config.diesWithSupervisor());
    assertEquals(
        new ServiceConfig.Limits(
            Optional.empty(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(60),
            Duration.ofSeconds(40),
            new ServiceConfig.Backoff(
                Duration.ofMillis(100), Duration.ofSeconds(60), Duration.ofMinutes(10))),
        app.limits());
  }

  @Test
  void everyProblemOfAFileIsNamedWithItsLine() throws Exception {
    ConfigProblems problems =
        assertThrows(
            ConfigProblems.class,
            () ->
                read(
                    """
                    socket: nowhere/s.sock
                    services:
                      - name: "no name"
                        command: [sleep]
                        log: nowhere/app.log
                        watchdog: 0s
                      - name: app
                        command: sleep
                        log: app.log
                        directory: nowhere
                        environment: { "A-B": c }
                        sockets:
                          - { name: http, listen: "127.0.0.1" }
                          - { name: http, listen: "127.0.0.1:0" }
                        restart: { first: 10s, most: 1s }
                        notify: false
                        watchdog: 5s
                      - name: app
                        command: [sleep]
                        log: app.log
                        colour: red
                    """));
    List<Integer> lines = problems.problems().stream().map(ConfigProblems.Problem::line).toList();
    assertEquals(
        List.of(1, 3, 5, 6, 8, 10, 11, 13, 14, 15, 17, 18, 20, 21), lines, problems.getMessage());
  }

  @Test
  void aServiceMaySayManyThingsAtOnceAndNonsense() {
    Telling telling =
        Telling.parse(
            "READY=1\n"
                + "STATUS=a=b\n"
                + "EXTEND_TIMEOUT_USEC=18446744073709551615\n"
                + "WATCHDOG_USEC=99999999999999999999\n"
                + "MAINPID=1\n"
                + "=x\n"
                + "nothing\n"
                + "STOPPING=0\n"
                + "WATCHDOG=1");
    assertEquals(
        new Telling(
            true,
            false,
            true,
            false,
            OptionalLong.empty(),
            OptionalLong.of(3600 * SECOND),
            Optional.of("a=b")),
        telling);
    assertEquals(
        Telling.MAX_STATUS,
        Telling.parse("STATUS=" + "x".repeat(3000)).status().orElseThrow().length());
    assertEquals(OptionalLong.of(5000), Telling.parse("WATCHDOG_USEC=5").watchdogNanos());
  }

  @Test
  void oneOfAHostIsKilledAtATime() {
    KillTurn turns = new KillTurn(Optional.empty());
    assertTrue(turns.take("a", 1, "silent", 0));
    assertTrue(turns.take("a", 1, "silent", SECOND));
    assertFalse(turns.take("b", 2, "silent", SECOND));
    turns.give("b");
    assertFalse(turns.take("b", 2, "silent", SECOND));
    turns.give("a");
    assertTrue(turns.take("b", 2, "silent", 2 * SECOND));
    // b does not die
    assertFalse(turns.take("a", 3, "silent", 11 * SECOND));
    assertTrue(turns.take("a", 3, "silent", 12 * SECOND));
  }

  @Test
  void theHostsSlotIsSharedWithOthers() {
    InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(1_790_000_000));
    KillTurn ours = new KillTurn(Optional.of(new HostSlot(directory, HostSlot.SPACING, clock)));
    assertTrue(ours.take("a", 1, "silent", 0));
    ours.give("a");
    // its stamp is young
    assertFalse(ours.take("b", 2, "silent", SECOND));
    assertTrue(Files.exists(directory.resolve("slot")));
    ours.close();
  }

  @Test
  void whatAKilledSupervisorLeftIsClearedUp() throws Exception {
    Path left = Files.createDirectory(directory.resolve(".s.sock.notify-999999999"));
    Files.createFile(left.resolve("0"));
    Path alive = Files.createDirectory(directory.resolve(".s.sock.notify-1"));
    Path foreign = Files.createDirectory(directory.resolve(".s.sock.notify-x"));
    try (NotifyDirectory ours = NotifyDirectory.make(directory.resolve("s.sock"))) {
      assertEquals("rwx------", permissions(ours.path()));
      assertEquals(ours.path().resolve("3"), ours.socket(3));
      assertFalse(Files.exists(left));
      assertTrue(Files.exists(alive));
      assertTrue(Files.exists(foreign));
    }
    assertEquals(2, directory.toFile().list().length);
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void aLargeLogIsCopiedAndEmptied() throws Exception {
    Path path = directory.resolve("app.log");
    LogFile log = new LogFile(path, 10);
    assertFalse(log.rotate());
    Files.writeString(path, "0123456789");
    assertFalse(log.rotate());
    Files.writeString(path, "0123456789a");
    assertTrue(log.rotate());
    assertEquals(0, Files.size(path));
    assertEquals("123456789a", Files.readString(directory.resolve("app.log.1")));
    Files.writeString(path, "second, longer");
    assertTrue(log.rotate());
    assertEquals("nd, longer", Files.readString(directory.resolve("app.log.1")));
  }

  @Test
  void aChildIsToldWhatSystemdTells() throws Exception {
    SupervisorConfig config =
        read(
            """
            socket: s.sock
            slot: slot
            services:
              - name: app
                command: [app, "--x"]
                log: app.log
                watchdog: 5s
                environment: { A: b, PATH: /bin }
                sockets:
                  - { name: https, listen: "127.0.0.1:0" }
                  - { name: http, listen: "127.0.0.1:0" }
            """);
    ChildCommand command = new ChildCommand(config.services().getFirst(), true, config.slot());
    Map<String, String> own =
        Map.of("HOME", "/h", "PATH", "/usr/bin", "NOTIFY_SOCKET", "/foreign", "LISTEN_PID", "7");
    assertEquals(
        Map.of(
            "HOME",
            "/h",
            "PATH",
            "/bin",
            "A",
            "b",
            "LISTEN_FDS",
            "2",
            "LISTEN_FDNAMES",
            "https:http",
            "NOTIFY_SOCKET",
            "/n/0",
            Orphans.VARIABLE,
            "/n/0",
            "WATCHDOG_USEC",
            "5000000",
            HostSlot.DIRECTORY_VARIABLE,
            directory.resolve("slot").toString()),
        command.environment(own, Path.of("/n/0")));
    assertEquals(
        List.of("app", "setpriv", "--pdeathsig", "KILL", "--", "app", "--x"),
        command.arguments().subList(3, 10));
  }
}
