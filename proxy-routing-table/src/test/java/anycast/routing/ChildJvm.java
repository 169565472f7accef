package anycast.routing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A main class of the test's class path in a process of its own: for what ends, stalls or exhausts
/// the JVM that it runs in, and for what can be seen from outside only.
///
/// **Ownership.** Whoever starts one ends it; [#run] ends its own.
public final class ChildJvm {
  /// It starts sooner and takes less of a busy machine. Not for code whose second compilation
  /// matters: the first leaves safepoints in loops.
  public static final String QUICK = "-XX:TieredStopAtLevel=1";

  private static final long DEADLINE_SECONDS = 60;

  private ChildJvm() {}

  /// @param said output and errors
  public record Ended(int code, String said) {}

  /// @param flags of the JVM
  public static List<String> command(List<String> flags, Class<?> main, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  public static List<String> quick(Class<?> main, Object... arguments) {
    return command(List.of(QUICK), main, arguments);
  }

  /// The same command for a process that the kernel sends a signal when the thread that started it
  /// has ended, so that nothing is left of a test that was killed.
  public static List<String> mortal(String signal, List<String> command) {
    List<String> mortal = new ArrayList<>(List.of("setpriv", "--pdeathsig", signal));
    mortal.addAll(command);
    return mortal;
  }

  /// @param log gets output and errors
  public static Process start(Path log, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /// From its start to its end.
  public static Ended run(Path log, List<String> command) throws IOException, InterruptedException {
    Process process = start(log, command);
    try {
      assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), "it does not end");
      return new Ended(process.exitValue(), Files.readString(log));
    } finally {
      process.destroyForcibly();
    }
  }

  /// Waits until there is a file, which the process writes when it is ready.
  public static void awaitFile(Process process, Path file, Path log)
      throws IOException, InterruptedException {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!Files.exists(file)) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() - endNanos > 0) {
        throw new AssertionError(file + " is not written: " + Files.readString(log));
      }
    }
  }
}
