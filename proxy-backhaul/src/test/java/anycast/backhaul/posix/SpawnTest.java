package anycast.backhaul.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Children made without Java's own way.
class SpawnTest {
  private static final Path SHELL = Path.of("/bin/sh");

  /// Signals 32 and 33, which posix_spawn(3) ignores in the child and programs cannot use.
  private static final long GLIBC_OWN = 3L << 31;

  @TempDir private Path directory;

  @Test
  void aChildHasItsDirectoryEnvironmentAndOutput() throws Exception {
    Child child = shell("pwd; env | grep ^A=; echo wrong >&2; exit 7", List.of());
    assertEquals(new Child.End.Exited(7), child.awaitEnd());
    child.reap();
    assertEquals(
        directory.toRealPath() + "\nA=b c\nwrong\n", Files.readString(directory.resolve("out")));
    assertFalse(isThere(child.pid()));
  }

  /// A zombie is.
  private static boolean isThere(long pid) {
    return ProcessHandle.of(pid).isPresent();
  }

  @Test
  void aChildInheritsWhatItIsGivenFrom3OnAndNothingElse() throws Exception {
    List<ListeningSocket> sockets = new ArrayList<>();
    // not of ours: the JVM's sockets do not close on exec
    int stranger = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM);
    try {
      Libc.inherit(stranger, true);
      for (int i = 0; i < 5; i++) {
        sockets.add(ListeningSocket.open(new InetSocketAddress("127.0.0.1", 0), 16));
      }
      // backwards, so that a target may be another one's source
      List<ListeningSocket> given = sockets.reversed();
      Child child =
          shell(
              "for fd in /proc/$$/fd/*; do echo $(basename $fd) $(readlink $fd); done",
              given.stream().map(ListeningSocket::fd).toList());
      assertEquals(new Child.End.Exited(0), child.awaitEnd());
      child.reap();
      Map<String, String> found =
          Files.readAllLines(directory.resolve("out")).stream()
              .map(line -> line.split(" ", 2))
              .filter(line -> line[1].startsWith("socket:"))
              .collect(Collectors.toMap(line -> line[0], line -> line[1]));
      assertEquals(5, found.size(), found.toString());
      for (int i = 0; i < 5; i++) {
        Path own = Path.of("/proc/self/fd", Integer.toString(given.get(i).fd()));
        assertEquals(
            Files.readSymbolicLink(own).toString(),
            found.get(Integer.toString(Spawn.FIRST_FD + i)));
      }
    } finally {
      Libc.close(stranger);
      sockets.forEach(ListeningSocket::close);
    }
  }

  @Test
  void noSignalIsBlockedOrIgnoredInAChild() throws Exception {
    Child child = shell("grep -E '^Sig(Blk|Ign):' /proc/self/status", List.of());
    assertEquals(new Child.End.Exited(0), child.awaitEnd());
    child.reap();
    for (String line : Files.readAllLines(directory.resolve("out"))) {
      long signals = Long.parseUnsignedLong(line.substring(line.indexOf('\t') + 1), 16);
      assertEquals(0, signals & ~GLIBC_OWN, line);
    }
  }

  @Test
  void aChildLeadsAGroupThatASignalReachesWhole() throws Exception {
    Child child = shell("sleep 600 & echo $!; wait", List.of());
    Path out = directory.resolve("out");
    while (!Files.exists(out) || !Files.readString(out).endsWith("\n")) {
      Thread.onSpinWait();
    }
    int grandchild = Integer.parseInt(Files.readString(out).strip());
    assertTrue(isThere(grandchild));
    child.signalGroup(Signal.KILL);
    assertEquals(new Child.End.Killed(9), child.awaitEnd());
    // still ours: a zombie keeps its number
    assertTrue(isThere(child.pid()));
    child.signal(Signal.TERM);
    child.reap();
    child.signal(Signal.TERM);
    ProcessHandle.of(grandchild).ifPresent(handle -> handle.onExit().join());
  }

  @Test
  void saysWhatItCannotStart() {
    Spawn nothing =
        new Spawn(
            Path.of("/nowhere/program"),
            List.of("program"),
            Map.of(),
            directory,
            directory.resolve("out"),
            List.of());
    PosixException refused = assertThrows(PosixException.class, nothing::start);
    assertEquals(Errno.ENOENT, refused.errno());
  }

  private Child shell(String script, List<Integer> inherited) throws PosixException {
    return new Spawn(
            SHELL,
            List.of("sh", "-c", script),
            Map.of("A", "b c", "PATH", "/usr/bin:/bin"),
            directory,
            directory.resolve("out"),
            inherited)
        .start();
  }
}
