package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Moment;
import anycast.routing.model.NodeId;
import anycast.routing.model.VirtualService;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The disk fills up under a process that runs.
final class FullDiskTest {
  private static final int ROOM_BYTES = 200_000;
  private static final String FULL = "not written: No space left on device";
  private static final AdmissionLimits LIMITS =
      new AdmissionLimits(
          Duration.ofMillis(250),
          Duration.ofSeconds(10),
          Duration.ofHours(24),
          1.0,
          Duration.ofSeconds(60));

  private final SmallDisk disk = new SmallDisk(ROOM_BYTES);
  private long seconds = 1_000_000;

  private Moment now() {
    return new Moment(seconds * 1_000_000_000L, seconds * 1_000);
  }

  private Ledger open() {
    return Ledger.open(disk, LastEnd.NONE, LIMITS, new NodeId("edge-1"), now());
  }

  private void beats(Ledger ledger, int count) {
    for (int i = 0; i < count; i++) {
      seconds++;
      ledger.onBeat(true, now());
    }
  }

  private void quarantine(Ledger ledger, VirtualService entity) {
    ledger.quarantine(entity, null, Stage.COMPILE, "why", "x".repeat(10_000), now());
  }

  private static VirtualService rules(int version) {
    return Cast.rules("s" + version, version);
  }

  private boolean isOut(Ledger ledger, VirtualService entity) {
    return ledger.quarantined(ContentHash.of(entity)).isPresent();
  }

  @Test
  void quarantineGoesOnInMemoryAndIsOnDiskAgainWhenThereIsRoom() {
    Ledger ledger = open();
    quarantine(ledger, rules(1));
    disk.room(disk.used() + 100);
    quarantine(ledger, rules(2));
    assertEquals(FULL, ledger.view().journal());
    assertTrue(isOut(ledger, rules(1)) && isOut(ledger, rules(2)));
    beats(ledger, 40);
    assertEquals(FULL, ledger.view().journal());
    disk.room(ROOM_BYTES);
    beats(ledger, 40);
    assertEquals("", ledger.view().journal());
    Ledger next = open();
    assertTrue(isOut(next, rules(1)) && isOut(next, rules(2)));
  }

  @Test
  void triesThatFailLeaveTheRoomToOthers() {
    Ledger ledger = open();
    for (int i = 0; i < 5; i++) {
      quarantine(ledger, rules(i));
    }
    int whole = disk.used();
    disk.room(whole + 5_000);
    quarantine(ledger, rules(6));
    beats(ledger, 600);
    assertEquals(FULL, ledger.view().journal());
    assertTrue(disk.used() <= whole + 5_000 && disk.list().size() == 1, () -> "" + disk.list());
    disk.room(3 * whole);
    beats(ledger, 40);
    assertEquals("", ledger.view().journal());
    assertTrue(isOut(open(), rules(6)));
  }

  @Test
  void aProcessStartsOnAFullDiskWithWhatIsThere() {
    Ledger ledger = open();
    quarantine(ledger, rules(1));
    disk.room(disk.used());
    Ledger next = open();
    assertEquals(FULL, next.view().journal());
    assertTrue(isOut(next, rules(1)));
    assertTrue(isOut(open(), rules(1)));
  }
}
