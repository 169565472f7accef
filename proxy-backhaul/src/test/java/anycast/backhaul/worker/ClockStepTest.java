package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.watchdog.Supervising;
import anycast.routing.ChildJvm;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.sqlite.StoreProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A wall clock that is set by hours and days, forwards and back, under a process that watches
/// itself and follows a real state. The machine's own clock is everybody's, so the process reads
/// one of its own.
@Timeout(240)
class ClockStepTest {
  private static final long DEADLINE_SECONDS = 60;
  private static final long DAY_MINUTES = Duration.ofDays(1).toMinutes();

  /// More than the test takes.
  private static final long SLACK_MINUTES = 10;

  @TempDir private Path directory;
  private StoreProcess store;
  private StateClient state;
  private Supervising supervisor;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    store = StoreProcess.serving(directory, directory.resolve("state.db"));
    state = store.client();
    supervisor = new Supervising(directory);
  }

  @AfterEach
  void stop() throws Exception {
    for (Process each : started) {
      each.destroyForcibly();
      assertTrue(each.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
    }
    supervisor.close();
    state.close();
    store.close();
  }

  @Test
  void endsNobodyKeepsNobodyElseOutAndChangesNoQuarantinesLength() throws Exception {
    write("shop", 1, "");
    Child child = new Child(0);
    child.await(each -> each.equals("1 0 "));
    write("bad", 1, "fault: { kind: throw, at: compile }");
    child.awaitOnlyBadOut(1);
    long version = 1;
    for (Duration step :
        List.of(
            Duration.ofHours(3),
            Duration.ofHours(-9),
            Duration.ofHours(30),
            Duration.ofDays(-400),
            Duration.ofDays(400))) {
      child.say("step " + step.toSeconds());
      beats(3);
      write("shop", ++version, "");
      child.awaitOnlyBadOut(version);
    }
    child.process.destroyForcibly().waitFor();
    // The journal's times are from a clock that was a day ahead.
    Child next = new Child(-Duration.ofHours(5).toSeconds());
    next.awaitOnlyBadOut(version);
    write("shop", ++version, "");
    next.awaitOnlyBadOut(version);
    beats(3);
  }

  private void write(String name, long version, String fault) throws Exception {
    String document =
        "hosts: [%s.test]\nrules: [ { name: v%d, to: [ { selector: \"app=a\" } ] } ]\n%s\n"
            .formatted(name, version, fault);
    state.transact(
        List.of(
            Statement.of(
                "INSERT OR REPLACE INTO virtual_services (name, document, gen) VALUES (?, ?, ?)",
                name,
                document,
                version)));
  }

  /// So many that are sent from now on.
  private void beats(int count) throws Exception {
    while (!supervisor.isSilent()) {
      supervisor.next();
    }
    for (int i = 0; i < count; i++) {
      supervisor.until("WATCHDOG=1"::equals);
    }
  }

  /// A process of ours, and the talk with it.
  private final class Child {
    private final Process process;
    private final BufferedReader in;
    private final Writer out;

    Child(long aheadSeconds) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder(
                  ChildJvm.command(
                      List.of(ChildJvm.QUICK, "-Xmx128m"),
                      SteppedMain.class,
                      directory,
                      store.uri(),
                      aheadSeconds))
              .redirectError(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()));
      builder.environment().put("NOTIFY_SOCKET", supervisor.path());
      builder.environment().put("WATCHDOG_USEC", "2000000");
      process = builder.start();
      started.add(process);
      in = process.inputReader(StandardCharsets.US_ASCII);
      out = process.outputWriter(StandardCharsets.US_ASCII);
    }

    void say(String line) throws IOException {
      out.write(line + "\n");
      out.flush();
    }

    /// Asks until the answer is as wanted.
    String await(Predicate<String> wanted) throws Exception {
      long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (true) {
        say("status");
        String status = in.readLine();
        if (status == null || System.nanoTime() > deadlineNanos) {
          throw new AssertionError(status + "\n" + Files.readString(directory.resolve("log")));
        }
        if (wanted.test(status)) {
          return status;
        }
        assertFalse(process.waitFor(20, TimeUnit.MILLISECONDS), "it ended");
      }
    }

    /// Until that version of the good one is stable; the bad one is out for a day then.
    void awaitOnlyBadOut(long version) throws Exception {
      String status = await(each -> each.startsWith(version + " 0 bad="));
      assertEquals(1, status.split(",").length, status);
      long left = Long.parseLong(status.substring(status.indexOf('=') + 1));
      assertTrue(left <= DAY_MINUTES && left >= DAY_MINUTES - SLACK_MINUTES, status);
    }
  }
}
