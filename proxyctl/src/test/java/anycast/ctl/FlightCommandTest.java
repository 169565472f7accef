package anycast.ctl;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.watchdog.Flight;
import anycast.routing.admission.ContentHash;
import anycast.routing.admission.Stage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightCommandTest {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final byte[] HOST = "shop.test".getBytes(ISO_8859_1);

  @TempDir Path directory;
  private Path file;
  private Flight flight;

  @BeforeEach
  void record() {
    file = directory.resolve("flight");
    flight =
        Flight.open(Optional.of(directory), "edge-1", 2, () -> SECOND_NANOS, () -> Instant.now());
    flight.loop(0).route(HOST, 0, HOST.length, "exchange-1", 7, SECOND_NANOS);
    flight.loop(0).markStuck(true);
    flight.compiler().on(new ContentHash(1, 2), Stage.COMPILE, 0, 3 * SECOND_NANOS);
    flight.tick(4 * SECOND_NANOS, false);
  }

  @AfterEach
  void close() {
    flight.close();
  }

  @Test
  void showsWhatEachThreadOfALivingProcessWorksOn() {
    Ctl shown = Ctl.run("flight", file);
    assertEquals(0, shown.exit(), shown.err());
    assertTrue(
        shown.out().startsWith("edge-1, process " + ProcessHandle.current().pid() + ", lives\n"),
        shown.out());
    assertEquals(shown.out(), Ctl.run("flight", directory).out(), "its directory does, too");
    String stuck = shown.out().lines().filter(line -> line.startsWith("loop ")).findFirst().get();
    assertEquals(
        "loop route yes 3s shop.test - - 7 exchange-1", stuck.strip().replaceAll(" +", " "));
    String compiler =
        shown.out().lines().filter(line -> line.startsWith("compiler")).findFirst().get();
    assertEquals(
        "compiler compile no 1s - - 00000000000000010000000000000002 0 -",
        compiler.strip().replaceAll(" +", " "));
  }

  @Test
  void tellsMachinesTheSame() throws Exception {
    JsonNode told = new ObjectMapper().readTree(Ctl.run("flight", "--json", file).out());
    assertEquals("lives", told.path("state").asText());
    JsonNode slot = told.path("slots").path(0);
    assertEquals("shop.test", slot.path("key").asText());
    assertEquals(3000, slot.path("age_ms").asLong());
    assertTrue(slot.path("stuck").asBoolean());
    assertEquals(4, told.path("slots").size());
    assertFalse(told.path("slots").path(1).has("age_ms"), "nobody has worked there yet");
  }

  @Test
  void saysHowItEnded() {
    flight.stopping();
    assertTrue(Ctl.run("flight", file).out().contains(", stops\n"));
    flight.close();
    String ended = Ctl.run("flight", file).out();
    assertTrue(ended.contains(", ended in order\n"), ended);
    assertTrue(ended.contains("  told to stop 2"), ended);
  }

  @Test
  void refusesWhatIsNoFlightFileInASentence() throws Exception {
    Path text = Files.writeString(directory.resolve("notes"), "no flight\n".repeat(100));
    Ctl foreign = Ctl.run("flight", text);
    assertEquals(1, foreign.exit());
    assertEquals("proxyctl: " + text + " is no flight file\n", foreign.err());
    Path none = directory.resolve("none");
    String told = Ctl.run("flight", none).err();
    assertTrue(told.startsWith("proxyctl: there is no file " + none + ": a process has one"), told);
    assertEquals(2, Ctl.run("flight").exit());
  }
}
