package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Libc;
import anycast.backhaul.posix.Signal;
import anycast.routing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of processes whose loops stand still, and of those whose machine does.
class StallTest {
  private static final int KILLED = 128 + 9;
  private static final long DEADLINE_SECONDS = 60;

  /// Looks of the watchdog after which a stall would long have been found: 5 s of them.
  private static final long MANY_LOOKS = 100;

  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (Process each : started) {
      each.destroyForcibly();
      assertTrue(each.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
    }
  }

  @Test
  void aLoopThatSpinsEndsTheProcessAndTheDumpNamesIt() throws Exception {
    Child child = child("KILL", "1", "500", "1000", "1500");
    child.say("spin");
    assertEquals(KILLED, child.exit());
    String dump = dump();
    assertTrue(dump.contains("StallingMain.spin("), dump);
    assertTrue(dump.contains("== stacks"), dump);
    assertTrue(dump.contains("RUNNABLE"), dump);
    assertTrue(stuck("loop-"), "the flight file does not say who was stuck");
  }

  @Test
  void aLoopThatAsksForAWriteLockUnderItsReadLockEndsTheProcessAndTheDumpNamesIt()
      throws Exception {
    Child child = child("KILL", "4", "500", "1000", "1500");
    child.say("lock");
    assertEquals(KILLED, child.exit());
    String dump = dump();
    assertTrue(dump.contains("StallingMain.lock("), dump);
    assertTrue(dump.contains("none that the JVM sees"), dump);
    assertTrue(dump.contains("BLOCKED"), dump);
  }

  @Test
  void aLoopThatReachesNoSafepointIsEndedByTheKernelWhenTheWholeJvmStandsStill() throws Exception {
    Child child = child("KILL", "1", "500", "1000", "1500");
    child.say("hold");
    child.say("gc");
    assertEquals(KILLED, child.exit());
  }

  @Test
  void aLoopThatReachesNoSafepointIsDumpedWithoutAskingForStacks() throws Exception {
    Child child = child("KILL", "1", "500", "1000", "1500");
    child.say("hold");
    assertEquals(KILLED, child.exit());
    String dump = dump();
    assertTrue(dump.contains("asking all would stop all"), dump);
    assertTrue(dump.contains("== tasks of the kernel"), dump);
  }

  @Test
  void aStallIsOnlyToldWhereTheActionIsToLog() throws Exception {
    Child child = child("LOG", "2", "500", "1000", "1500");
    child.say("lock");
    Status status = child.await(each -> each.blameMs > 3000);
    assertFalse(status.well);
    assertTrue(status.reasons.contains("has not come round for"), status.reasons);
    assertTrue(child.process.isAlive());
    assertTrue(dump().contains("StallingMain.lock("));
  }

  @Test
  void ofAHostOnlyOneDiesAtATime() throws Exception {
    Child first = child("KILL", "1", "500", "1000", "1500");
    Child second = child("KILL", "1", "500", "1000", "1500");
    first.say("lock");
    second.say("lock");
    Process earlier =
        (Process)
            CompletableFuture.anyOf(first.process.onExit(), second.process.onExit())
                .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    String[] one = Files.readString(directory.resolve("host/slot")).split(" ", 3);
    assertEquals(KILLED, first.exit());
    assertEquals(KILLED, second.exit());
    String[] two = Files.readString(directory.resolve("host/slot")).split(" ", 3);
    assertEquals(Long.toString(earlier.pid()), one[1]);
    assertTrue(Long.parseLong(two[0]) - Long.parseLong(one[0]) >= 4000, one[0] + " " + two[0]);
    assertTrue(two[2].contains(" has not come round for "), two[2]);
    String log = Files.readString(directory.resolve("log"));
    assertEquals(3, log.split("the process ends itself", -1).length, log);
  }

  @Test
  void aProcessThatIsStoppedForThreeSecondsIsNotToBlame() throws Exception {
    Child child = child("KILL", "2", "500", "1000", "1500");
    int pid = (int) child.process.pid();
    Libc.kill(pid, Signal.STOP);
    assertFalse(child.process.waitFor(3, TimeUnit.SECONDS), "it ended while it was stopped");
    Libc.kill(pid, Signal.CONT);
    child.livesOn();
  }

  @Test
  void aProcessThatGetsNoCpuIsNotToBlame() throws Exception {
    Child child = child("KILL", "2", "500", "1000", "1500");
    pin(child.process.pid());
    for (int i = 0; i < 4; i++) {
      started.add(
          new ProcessBuilder("taskset", "-c", "0", "sh", "-c", "while :; do :; done").start());
    }
    child.livesOn();
  }

  /// Below the others, on the CPU that they use.
  private static void pin(long pid) throws Exception {
    List<String> nicer = new ArrayList<>(List.of("renice", "-n", "10", "-p"));
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      tasks.forEach(task -> nicer.add(task.getFileName().toString()));
    }
    run(List.of("taskset", "-a", "-p", "-c", "0", Long.toString(pid)));
    run(nicer);
  }

  private static void run(List<String> command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
    // A thread that has ended meanwhile cannot be made nicer: no harm.
  }

  private String dump() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> dumps =
          files.filter(each -> each.getFileName().toString().startsWith("dump-")).toList();
      assertEquals(1, dumps.size(), dumps.toString());
      return Files.readString(dumps.getFirst());
    }
  }

  private boolean stuck(String thread) {
    return FlightFile.read(directory.resolve(Flight.FILE))
            instanceof FlightFile.Read.Flight(FlightFile file)
        && file.slots().stream().anyMatch(each -> each.stuck() && each.thread().startsWith(thread));
  }

  /// What a child says of itself.
  private record Status(long ticks, long stalls, long blameMs, boolean well, String reasons) {
    static Status of(String line) {
      String[] parts = line.split(" ", 5);
      return new Status(
          Long.parseLong(parts[0]),
          Long.parseLong(parts[1]),
          Long.parseLong(parts[2]),
          Boolean.parseBoolean(parts[3]),
          parts[4]);
    }
  }

  private interface Condition {
    boolean holds(Status status);
  }

  private Child child(String action, String loops, String sample, String dump, String end)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                ChildJvm.command(
                    List.of(ChildJvm.QUICK, "-Xmx64m"),
                    StallingMain.class,
                    directory,
                    loops,
                    action,
                    sample,
                    dump,
                    end))
            .redirectError(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()));
    // Set for each of them, so that the way with a slot is the one that is tested.
    builder.environment().put(HostSlot.DIRECTORY_VARIABLE, directory.resolve("host").toString());
    builder.environment().put(HostSlot.SPACING_VARIABLE, "4");
    Process process = builder.start();
    started.add(process);
    Child child = new Child(process);
    assertEquals("up", child.line());
    child.begun = child.status();
    return child;
  }

  /// A process of ours, and the talk with it.
  private final class Child {
    private final Process process;
    private final BufferedReader in;
    private final Writer out;

    /// When it had just begun: what it reads from disk then may take long on a busy machine.
    private Status begun;

    Child(Process process) {
      this.process = process;
      this.in = process.inputReader(StandardCharsets.US_ASCII);
      this.out = process.outputWriter(StandardCharsets.US_ASCII);
    }

    void say(String word) throws IOException {
      out.write(word + "\n");
      out.flush();
    }

    String line() throws Exception {
      CompletableFuture<String> line = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              line.complete(in.readLine());
            } catch (IOException e) {
              line.completeExceptionally(e);
            }
          });
      String said = line.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      if (said == null) {
        throw new AssertionError("it ended: " + Files.readString(directory.resolve("log")));
      }
      return said;
    }

    Status status() throws Exception {
      say("status");
      return Status.of(line());
    }

    /// Asks until the answer is as wanted.
    Status await(Condition wanted) throws Exception {
      long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      Status status = status();
      while (!wanted.holds(status)) {
        assertTrue(System.nanoTime() < deadlineNanos, status.toString());
        assertFalse(process.waitFor(20, TimeUnit.MILLISECONDS), "it ended");
        status = status();
      }
      return status;
    }

    void livesOn() throws Exception {
      long ticks = status().ticks;
      Status status = await(each -> each.ticks >= ticks + MANY_LOOKS);
      assertEquals(begun.stalls, status.stalls, status.toString());
    }

    int exit() throws Exception {
      assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), "it stands still for ever");
      return process.exitValue();
    }
  }
}
