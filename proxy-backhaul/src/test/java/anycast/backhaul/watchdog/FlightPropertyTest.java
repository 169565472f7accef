package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/// Whatever stands in a flight file: it is read or refused in a sentence, and the next start takes
/// place.
class FlightPropertyTest {
  private Path directory;
  private byte[] whole;

  @BeforeProperty
  void write() throws IOException {
    directory = Files.createTempDirectory("flight");
    try (Flight flight = open()) {
      FlightChild.route(flight.loop(0), "shop.test", 1);
      flight.loop(0).markStuck(true);
    }
    whole = Files.readAllBytes(file());
  }

  @AfterProperty
  void delete() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(directory);
  }

  @Property(tries = 300)
  void aTruncatedFileIsRefused(@ForAll @IntRange(min = 0, max = 1500) int length)
      throws IOException {
    byte[] part = Arrays.copyOf(whole, length);
    Files.write(file(), part);
    FlightFile.Read read = FlightFile.read(file());
    assertEquals(length == whole.length, read instanceof FlightFile.Read.Flight);
  }

  @Property(tries = 300)
  void aGarbledFileIsReadOrRefused(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int changes) throws IOException {
    byte[] garbled = whole.clone();
    Random random = new Random(seed);
    for (int i = 0; i < changes; i++) {
      garbled[random.nextInt(garbled.length)] = (byte) random.nextInt();
    }
    Files.write(file(), garbled);
    told(FlightFile.read(file()));
  }

  @Property(tries = 20)
  void aForeignFileIsRefusedAndDoesNotStopAStart(@ForAll @Size(max = 2000) byte[] bytes)
      throws IOException {
    Files.write(file(), bytes);
    assertTrue(FlightFile.read(file()) instanceof FlightFile.Read.Unfit);
    starts();
  }

  /// With a head that is right, so that slots are read.
  @Property(tries = 300)
  void garbledSlotsReadAsSomething(@ForAll long seed) throws IOException {
    byte[] garbled = whole.clone();
    byte[] noise = new byte[garbled.length - FlightLayout.HEAD_BYTES];
    new Random(seed).nextBytes(noise);
    System.arraycopy(noise, 0, garbled, FlightLayout.HEAD_BYTES, noise.length);
    Files.write(file(), garbled);
    FlightFile.Read read = FlightFile.read(file());
    assertTrue(read instanceof FlightFile.Read.Flight);
    told(read);
  }

  private static void told(FlightFile.Read read) {
    switch (read) {
      case FlightFile.Read.Flight(FlightFile file) ->
          assertNotNull(Ending.of(file, file.head().boot(), (_, _) -> ""));
      case FlightFile.Read.Unfit(String reason) -> assertFalse(reason.isEmpty());
      case FlightFile.Read.Absent() -> throw new AssertionError("it is there");
    }
  }

  private void starts() {
    try (Flight flight = open()) {
      assertNotNull(flight.lastEnd());
    }
    assertTrue(FlightFile.read(file()) instanceof FlightFile.Read.Flight, "a new one is there");
  }

  private Flight open() {
    return Flight.open(
        Optional.of(directory), "edge-1", 1, Ticker.system(), InstantSource.system());
  }

  private Path file() {
    return directory.resolve(Flight.FILE);
  }
}
