package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.admission.ContentHash;
import anycast.routing.admission.Stage;
import anycast.routing.time.Ticker;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class DumpsTest {
  @TempDir private Path directory;
  private final LastLines lines = LastLines.listen();
  private final FakeThread loop = FakeThread.loop(0);
  private final Flight flight =
      Flight.open(Optional.empty(), "test", 1, Ticker.system(), InstantSource.system());
  private long nowMillis = 1_790_000_000_000L;
  private Dumps dumps;

  @BeforeEach
  void open() {
    dumps = new Dumps(directory, "edge-1", flight, lines, () -> Instant.ofEpochMilli(nowMillis));
  }

  @AfterEach
  void close() {
    lines.close();
  }

  @Test
  void aDumpSaysWhoWhatAndWhere() throws Exception {
    say("a line with\na break", new IOException("its reason"));
    flight.loop(0).on(new ContentHash(7, 8), Stage.RULE, 3, 0);
    loop.watched.sample = new Watched.Sample(0, List.of("a.Guilty.spins(Guilty.java:1)"));
    write();
    String text = Files.readString(files().getFirst());
    assertTrue(text.startsWith("== process edge-1, pid " + ProcessHandle.current().pid()), text);
    assertTrue(text.contains("a.Guilty.spins(Guilty.java:1)"), text);
    assertTrue(text.contains("loop: RULE, entry " + new ContentHash(7, 8)), text);
    assertTrue(text.contains("a line with a break java.io.IOException: its reason"), text);
    assertTrue(text.contains("heap init"), text);
    assertTrue(text.contains("ctxt_switches"), text);
    assertTrue(text.contains("\"" + Thread.currentThread().getName() + "\" RUNNABLE"), text);
    assertTrue(text.contains("DumpsTest.aDumpSaysWhoWhatAndWhere("), text);
  }

  @Test
  void nobodyIsAskedForStacksWhereTheStuckOneDoesNotAnswer() throws Exception {
    loop.watched.asked = true;
    write();
    String text = Files.readString(files().getFirst());
    assertTrue(text.contains("loop-0 does not answer where it stands"), text);
    assertFalse(text.contains("DumpsTest."), text);
  }

  @Test
  void theOldestMakesRoom() throws Exception {
    for (int i = 0; i < Dumps.MAX_FILES + 3; i++) {
      nowMillis += 1000;
      write();
    }
    List<Path> files = files();
    assertEquals(Dumps.MAX_FILES, files.size());
    assertTrue(files.getFirst().toString().contains("dump-20260921T"), files.toString());
    assertTrue(files.getLast().toString().contains("T141331."), files.toString());
  }

  @Test
  void aDirectoryThatCannotBeMadeCostsTheDumpOnly() throws Exception {
    Files.writeString(directory.resolve("file"), "");
    new Dumps(directory.resolve("file/x"), "edge-1", flight, lines, InstantSource.system())
        .write(new Watched[] {loop.watched}, 0);
    assertEquals(List.of(), files());
  }

  @Test
  void theLastLinesAreTheLast() {
    for (int i = 0; i < LastLines.LINES + 10; i++) {
      say("line " + i, null);
    }
    say("x".repeat(10_000), null);
    List<String> all = lines.lines();
    assertEquals(LastLines.LINES, all.size());
    assertTrue(all.getFirst().endsWith(" line 11"), all.getFirst());
    assertEquals(LastLines.MAX_CHARS, all.getLast().length());
  }

  /// Past the other listeners, which print.
  private void say(String text, Throwable thrown) {
    Logger log = (Logger) LoggerFactory.getLogger("test");
    lines.doAppend(new LoggingEvent("", log, Level.WARN, text, thrown, null));
  }

  private void write() {
    dumps.write(new Watched[] {loop.watched}, 1_000_000_000L);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(each -> each.getFileName().toString().startsWith("dump-"))
          .sorted()
          .toList();
    }
  }
}
