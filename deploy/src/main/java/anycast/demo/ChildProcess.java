package anycast.demo;

import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One process of the fleet: a Java main with its log, and the file that it writes when it is
/// ready.
///
/// The kernel kills it when the thread that started it ends, however that happens: so it is started
/// from a thread that lives as long as the fleet does (prctl(2), PR_SET_PDEATHSIG).
public final class ChildProcess {
  static final int POLL_MILLIS = 20;
  private static final int TAIL_LINES = 25;

  private final String name;
  private final Process process;
  private final Path log;
  private final Path readyFile;

  private ChildProcess(String name, Process process, Path log, Path readyFile) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.readyFile = readyFile;
  }

  /// A Java main on this process's class path. `jvmFlags` come after the ones that every process
  /// gets, so that they win.
  public static ChildProcess java(
      Path dir, String name, List<String> jvmFlags, List<String> mainAndArguments)
      throws FleetFault {
    return java(dir, name, List.of(), jvmFlags, mainAndArguments);
  }

  /// The same behind a command that executes it, `taskset` for instance.
  public static ChildProcess java(
      Path dir,
      String name,
      List<String> prefix,
      List<String> jvmFlags,
      List<String> mainAndArguments)
      throws FleetFault {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(javaCommand(jvmFlags, mainAndArguments));
    return command(dir, name, "KILL", command);
  }

  /// Any program. `deathSignal` is what the kernel sends it when this process ends: `KILL`, or
  /// `TERM` for a program that has children of its own to end.
  public static ChildProcess command(
      Path dir, String name, String deathSignal, List<String> program) throws FleetFault {
    List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", deathSignal));
    command.addAll(program); // setpriv executes it in its own place: the pid stays the same
    Path log = dir.resolve(name + ".log");
    Path readyFile = readyFile(dir, name);
    try {
      Files.deleteIfExists(readyFile);
      Process process =
          new ProcessBuilder(command)
              .directory(dir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      return new ChildProcess(name, process, log, readyFile);
    } catch (IOException e) {
      throw new FleetFault(name + " could not be started", e);
    }
  }

  public static Path readyFile(Path dir, String name) {
    return dir.resolve(name + ".ready.json");
  }

  /// A JVM like this one, with its class path.
  public static List<String> javaCommand(List<String> jvmFlags, List<String> mainAndArguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(mainAndArguments);
    return command;
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public Path log() {
    return log;
  }

  public boolean alive() {
    return process.isAlive();
  }

  /// Waits for the ready file and reads it; a process that ends or is late is a fault that shows
  /// the end of its log.
  public JsonNode awaitReady(Ticker ticker, Duration timeout) throws FleetFault {
    awaitFile(readyFile, ticker, timeout);
    try {
      return new JsonMapper().readTree(readyFile.toFile());
    } catch (IOException e) {
      throw new FleetFault(readyFile + " could not be read", e);
    }
  }

  /// The same for a process that this one supervises, whose log is another.
  JsonNode awaitReady(String supervised, Path itsLog, Ticker ticker, Duration timeout)
      throws FleetFault {
    ChildProcess seen =
        new ChildProcess(supervised, process, itsLog, readyFile(log.getParent(), supervised));
    return seen.awaitReady(ticker, timeout);
  }

  /// Waits until the process has written a file.
  void awaitFile(Path file, Ticker ticker, Duration timeout) throws FleetFault {
    long deadlineNanos = ticker.nanos() + timeout.toNanos();
    try {
      while (!Files.exists(file)) {
        if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          throw new FleetFault(name + " ended with code " + process.exitValue() + tail());
        }
        if (ticker.nanos() - deadlineNanos > 0) {
          throw new FleetFault(
              name + " was not ready within " + timeout.toSeconds() + " s" + tail());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FleetFault("interrupted while " + name + " was starting");
    }
  }

  /// The end of the log, to be put after a message.
  public String tail() {
    try {
      List<String> lines = List.of(Files.readString(log, StandardCharsets.UTF_8).split("\n"));
      List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
      return "; the end of " + log + ":\n  " + String.join("\n  ", last);
    } catch (IOException e) {
      return "; its log " + log + " could not be read: " + e;
    }
  }

  /// Asks for an orderly end; does not wait.
  public void askToEnd() {
    process.destroy();
  }

  /// Waits until `deadlineNanos`, then kills.
  public void awaitEnd(Ticker ticker, long deadlineNanos) {
    try {
      if (!process.waitFor(Math.max(0, deadlineNanos - ticker.nanos()), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
