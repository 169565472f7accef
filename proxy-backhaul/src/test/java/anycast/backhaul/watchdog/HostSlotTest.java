package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.watchdog.HostSlot.Turn;
import anycast.routing.ChildJvm;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSlotTest {
  @TempDir private Path directory;
  private long nowMillis = 1_790_000_000_000L;
  private final InstantSource clock = () -> Instant.ofEpochMilli(nowMillis);

  @Test
  void theFirstGoesAtOnceAndSaysSo() throws Exception {
    try (HostSlot slot = slot()) {
      assertEquals(Turn.TAKEN, slot.tryTake(4711, "loop-1-2 stands still"));
    }
    assertEquals(
        "1790000000000 4711 loop-1-2 stands still\n",
        Files.readString(directory.resolve("here/slot")));
  }

  @Test
  void theSecondWaitsUntilTheStampIsOld() {
    take(1);
    nowMillis += 9_000;
    try (HostSlot slot = slot()) {
      assertEquals(Turn.WAIT, slot.tryTake(2, "too"));
      nowMillis += 999;
      assertEquals(Turn.WAIT, slot.tryTake(2, "too"));
      nowMillis += 1;
      assertEquals(Turn.TAKEN, slot.tryTake(2, "too"));
    }
  }

  @Test
  void aNewStampMeansAnotherWait() {
    take(1);
    nowMillis += 5_000;
    HostSlot waiting = slot();
    assertEquals(Turn.WAIT, waiting.tryTake(3, "too"));
    nowMillis += 5_000;
    take(2);
    nowMillis += 5_000;
    assertEquals(Turn.WAIT, waiting.tryTake(3, "too"));
    nowMillis += 5_000;
    assertEquals(Turn.TAKEN, waiting.tryTake(3, "too"));
    waiting.close();
  }

  @Test
  void aStampFromTheFutureOrWithoutSenseKeepsNobody() throws Exception {
    take(1);
    nowMillis -= 3_600_000;
    take(2);
    Files.writeString(directory.resolve("here/slot"), "x".repeat(10_000));
    take(3);
  }

  @Test
  void aDirectoryThatCannotBeMadeLimitsNobody() throws Exception {
    Files.writeString(directory.resolve("file"), "");
    try (HostSlot slot = new HostSlot(directory.resolve("file/x"), HostSlot.SPACING, clock)) {
      assertEquals(Turn.TAKEN, slot.tryTake(1, "so"));
    }
  }

  @Test
  void theEnvironmentNamesIt() {
    assertEquals(Optional.empty(), HostSlot.of(Map.of(), clock));
    Map<String, String> wrong =
        Map.of(HostSlot.DIRECTORY_VARIABLE, "/tmp", HostSlot.SPACING_VARIABLE, "soon");
    assertTrue(
        assertThrows(IllegalStateException.class, () -> HostSlot.of(wrong, clock))
            .getMessage()
            .startsWith("ANYCAST_HOST_SLOT_SECONDS wants a number of seconds"));
  }

  /// The one that holds the lock hangs; the kernel frees it only when that process is gone.
  @Test
  void aLockThatAnotherProcessHoldsIsWaitedForButNotForEver() throws Exception {
    Process holder =
        new ProcessBuilder(ChildJvm.quick(Holder.class, directory))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader in = holder.inputReader(StandardCharsets.US_ASCII)) {
      assertEquals("TAKEN", in.readLine());
      nowMillis += 3_600_000;
      HostSlot slot = slot();
      assertEquals(Turn.WAIT, slot.tryTake(2, "too"));
      holder.destroyForcibly();
      assertTrue(holder.waitFor(30, TimeUnit.SECONDS));
      assertEquals(Turn.TAKEN, slot.tryTake(2, "too"));
      slot.close();
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void whoWaitsOneSpacingForALockThatStaysHeldGoes() {
    HostSlot held = slot();
    assertEquals(Turn.TAKEN, held.tryTake(1, "first"));
    HostSlot slot = slot();
    assertEquals(Turn.WAIT, slot.tryTake(2, "too"));
    nowMillis += 10_000;
    assertEquals(Turn.TAKEN, slot.tryTake(2, "too"));
    slot.close();
    held.close();
  }

  /// Takes the slot and keeps it until it is killed.
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      HostSlot slot =
          new HostSlot(
              Path.of(arguments[0], "here"),
              HostSlot.SPACING,
              () -> Instant.ofEpochMilli(1_790_000_000_000L));
      System.out.println(slot.tryTake(1, "first"));
      System.in.read();
      slot.close();
    }
  }

  private void take(long pid) {
    try (HostSlot slot = slot()) {
      assertEquals(Turn.TAKEN, slot.tryTake(pid, "so"));
    }
  }

  private HostSlot slot() {
    return new HostSlot(directory.resolve("here"), Duration.ofSeconds(10), clock);
  }
}
