package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import anycast.routing.admission.ContentHash;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Stage;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the next process learns of how the one before ended: each ending is a real process's.
@Timeout(120)
class FlightEndTest {
  @TempDir Path directory;
  private Process child;

  @AfterEach
  void end() throws InterruptedException {
    if (child != null) {
      child.destroyForcibly().waitFor();
    }
  }

  @Test
  void nothingIsKnownBeforeTheFirstStart() {
    assertEquals(LastEnd.NONE, next());
    assertTrue(Files.exists(directory.resolve("flight")));
    assertFalse(Files.exists(directory.resolve("flight.1")));
  }

  @Test
  void whatTheWatchdogFoundStuckIsProven() throws Exception {
    kill("stuck");
    LastEnd last = next();
    assertEquals(LastEnd.Kind.ABNORMAL, last.kind());
    LastEnd.Blamed blamed = last.blamed().getFirst();
    assertEquals(1, last.blamed().size());
    assertEquals(FlightChild.ENTRY, blamed.entry());
    assertEquals(FlightChild.HOST, blamed.host());
    assertEquals(Stage.RULE, blamed.stage());
    assertEquals("main", blamed.thread());
    assertEquals(LastEnd.Evidence.STUCK, blamed.evidence());
    assertTrue(Files.exists(directory.resolve("flight.1")), "the dead one's is kept");
  }

  @Test
  void aDirectoryThatWasCopiedFromAnotherNodeSaysNothing() throws Exception {
    kill("stuck");
    try (Flight flight =
        Flight.open(Optional.of(directory), "edge-2", 1, Ticker.system(), InstantSource.system())) {
      assertEquals(LastEnd.NONE, flight.lastEnd());
    }
    assertTrue(Files.exists(directory.resolve("flight.1")), "for whoever looks into it");
  }

  @Test
  void aPipeInItsPlaceHoldsUpNoStart() throws Exception {
    Path place = directory.resolve("flight");
    assertEquals(0, new ProcessBuilder("mkfifo", place.toString()).start().waitFor());
    assertEquals(LastEnd.NONE, next());
    assertTrue(Files.isRegularFile(place));
  }

  @Test
  void aSlotAtRestBlamesNobodyHoweverOldItIs() throws Exception {
    kill("rests");
    assertEquals(new LastEnd(LastEnd.Kind.ABNORMAL, List.of()), next());
  }

  @Test
  void whoIsKilledWhileItStopsStoppedInOrder() throws Exception {
    kill("stops");
    assertEquals(new LastEnd(LastEnd.Kind.ORDERLY, List.of()), next());
  }

  @Test
  void anEndByLackOfMemoryNamesTheEntryThatWasCompiledForLong() throws Exception {
    start("memory", "-Xmx32m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError");
    assertEquals(3, ended());
    LastEnd last = next();
    assertEquals(LastEnd.Kind.ABNORMAL, last.kind());
    assertEquals(
        List.of(
            new LastEnd.Blamed(
                FlightChild.ENTRY,
                "",
                Stage.COMPILE,
                "compiler",
                "no stack could be taken; the flight recorder says:\n"
                    + "  thread compiler, stage COMPILE, rule none, host none, exchange none",
                LastEnd.Evidence.LONG)),
        last.blamed());
  }

  @Test
  void whereTheCollectorRanMostOfTheTimeARequestThatTookLongProvesNothing() throws Exception {
    kill("collects");
    assertEquals(
        List.of("ROUTE NEAR", "COMPILE LONG"),
        next().blamed().stream().map(each -> each.stage() + " " + each.evidence()).toList());
  }

  @Test
  void anExitThatWasToldAboutIsOrderly() throws Exception {
    start("exits");
    assertEquals(0, ended());
    assertEquals(new LastEnd(LastEnd.Kind.ORDERLY, List.of()), next());
  }

  @Test
  void aHaltInTheMiddleOfARequestsMicrosecondBlamesButProvesNothing() throws Exception {
    start("halts");
    assertEquals(1, ended());
    LastEnd last = next();
    assertEquals(LastEnd.Kind.ABNORMAL, last.kind());
    LastEnd.Blamed blamed = last.blamed().getFirst();
    assertEquals(ContentHash.NONE, blamed.entry());
    assertEquals(FlightChild.HOST, blamed.host());
    assertEquals(LastEnd.Evidence.NEAR, blamed.evidence());
  }

  @Test
  void theFileOfTheLivingIsNobodyElses() throws Exception {
    start("stuck");
    awaitReady();
    assertEquals(LastEnd.NONE, next());
    assertFalse(Files.exists(directory.resolve("flight.1")), "it was left where it is");
    child.destroyForcibly().waitFor();
    assertEquals(LastEnd.Kind.ABNORMAL, next().kind());
  }

  /// Twenty deaths in the middle of stores at full speed.
  @Test
  void aFileThatWasBeingWrittenAlwaysReads() throws Exception {
    for (int i = 0; i < 20; i++) {
      kill("races");
      FlightFile file =
          assertInstanceOf(
                  FlightFile.Read.Flight.class, FlightFile.read(directory.resolve("flight")))
              .file();
      FlightFile.Slot slot = file.slots().getFirst();
      assertEquals("main", slot.thread());
      assertTrue(slot.key().matches("a{0,30}|b{0,64}|a*b*|b*a*"), slot.key());
      if (slot.stage() == Stage.RULE) {
        assertEquals(slot.entry().high(), slot.rule().startsWith("a") ? 1 : 2);
      }
      LastEnd last = next();
      assertEquals(LastEnd.Kind.ABNORMAL, last.kind());
      assertTrue(
          last.blamed().stream().allMatch(blamed -> blamed.evidence() == LastEnd.Evidence.NEAR));
      Files.delete(directory.resolve("flight"));
    }
  }

  /// The end that the next process reads; it leaves no mark of its own.
  private LastEnd next() {
    try (Flight flight =
        Flight.open(Optional.of(directory), "edge-1", 1, Ticker.system(), InstantSource.system())) {
      return flight.lastEnd();
    }
  }

  private void kill(String way) throws IOException, InterruptedException {
    start(way);
    awaitReady();
    child.destroyForcibly().waitFor();
  }

  private int ended() throws InterruptedException {
    assertTrue(child.waitFor(30, TimeUnit.SECONDS));
    return child.exitValue();
  }

  private void awaitReady() throws IOException {
    String line;
    do {
      line = child.inputReader(StandardCharsets.UTF_8).readLine();
    } while (line != null && !line.equals(FlightChild.READY));
    assertEquals(FlightChild.READY, line);
  }

  private void start(String way, String... flags) throws IOException {
    List<String> command = ChildJvm.command(List.of(flags), FlightChild.class, directory, way);
    child = new ProcessBuilder(ChildJvm.mortal("KILL", command)).redirectErrorStream(true).start();
  }
}
