package anycast.routing.feed.lastgood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class LastGoodStoreTest {
  private static final List<Entity> FIRST = SomeEntities.of(3);
  private static final List<Entity> SECOND = SomeEntities.of(120);
  private static final List<Entity> THIRD = SomeEntities.of(90);
  private static final String ONE = "table-0000000000000000001.good";
  private static final String TWO = "table-0000000000000000002.good";

  private static SaveResult save(Disk disk, List<Entity> entities, long asOf) {
    return new LastGoodStore(disk).save(entities::forEach, asOf, asOf);
  }

  private static LastGood.Loaded loaded(Disk disk) {
    return assertInstanceOf(LastGood.Loaded.class, new LastGoodStore(disk).load());
  }

  private static FragileDisk twoSaved() {
    FragileDisk disk = new FragileDisk();
    assertInstanceOf(SaveResult.Saved.class, save(disk, FIRST, 1));
    assertInstanceOf(SaveResult.Saved.class, save(disk, SECOND, 2));
    return disk;
  }

  private static void assertSame(List<Entity> wanted, List<Entity> found) {
    assertEquals(wanted.size(), found.size());
    assertEquals(Set.copyOf(wanted), Set.copyOf(found));
  }

  private static String problem(FragileDisk disk) {
    LastGood.Loaded older = loaded(disk);
    assertEquals(LastGood.Which.OLDER, older.which());
    assertSame(FIRST, older.entities());
    assertEquals(1, older.asOfMillis());
    return String.join("\n", older.problems());
  }

  @Test
  void findsNothingInAnEmptyDirectory() {
    assertEquals(new LastGood.None(), new LastGoodStore(new FragileDisk()).load());
  }

  @Test
  void loadsWhatItSavedLast() {
    LastGood.Loaded newest = loaded(twoSaved());
    assertSame(SECOND, newest.entities());
    assertEquals(2, newest.asOfMillis());
    assertEquals(2, newest.generation());
    assertEquals(LastGood.Which.NEWEST, newest.which());
    assertEquals(List.of(), newest.problems());
  }

  @Test
  void savesAnEmptyTable() {
    FragileDisk disk = new FragileDisk();
    save(disk, List.of(), 5);
    assertEquals(List.of(), loaded(disk).entities());
  }

  @Test
  void keepsTwoGenerations() {
    FragileDisk disk = twoSaved();
    save(disk, THIRD, 3);
    assertEquals(List.of(TWO, "table-0000000000000000003.good"), disk.list());
  }

  @Test
  void keepsTheOneThatIsWholeWhenTheNewestIsDamaged() {
    FragileDisk disk = twoSaved();
    disk.put(TWO, new byte[7]);
    LastGoodStore store = new LastGoodStore(disk);
    assertInstanceOf(LastGood.Loaded.class, store.load());
    store.save(THIRD::forEach, 3, 3);
    assertEquals(List.of(ONE, "table-0000000000000000003.good"), disk.list());
  }

  @Test
  void leavesFilesOfOthersAlone() {
    FragileDisk disk = new FragileDisk();
    List<String> others = List.of("notes.txt", "table-12.good", "table-x000000000000000001.good");
    others.forEach(name -> disk.put(name, new byte[1]));
    save(disk, FIRST, 1);
    save(disk, SECOND, 2);
    save(disk, THIRD, 3);
    assertTrue(disk.list().containsAll(others), () -> disk.list().toString());
    assertEquals(5, disk.list().size());
  }

  /// All that is on the disk before or after the saving that the power cut: one of the two, whole.
  @Test
  void losesNothingWhateverStepThePowerGoesAt() {
    int cuts = 0;
    Set<Long> loaded = new HashSet<>();
    for (int step = 0; ; step++) {
      FragileDisk disk = twoSaved().loseAfter(step);
      boolean cut = false;
      try {
        assertInstanceOf(SaveResult.Saved.class, save(disk, THIRD, 3));
      } catch (FragileDisk.PowerLoss e) {
        cut = true;
        cuts++;
      }
      for (int survivors = 0; survivors < 1 << disk.unsyncedMoves(); survivors++) {
        for (FragileDisk.Tear tear : FragileDisk.Tear.values()) {
          FragileDisk later = disk.after(survivors, tear);
          LastGood.Loaded left = loaded(later);
          assertSame(left.asOfMillis() == 3 ? THIRD : SECOND, left.entities());
          assertTrue(cut || left.asOfMillis() == 3, "what was said to be saved is there");
          loaded.add(left.asOfMillis());
          assertInstanceOf(SaveResult.Saved.class, save(later, FIRST, 4));
          assertEquals(4, loaded(later).asOfMillis());
        }
      }
      if (!cut) {
        break;
      }
    }
    assertTrue(cuts > 6, "steps of a saving: " + cuts);
    assertEquals(Set.of(2L, 3L), loaded);
  }

  @Test
  void saysWhatFailedAndKeepsWhatWas() {
    for (int step = 0; ; step++) {
      FragileDisk disk = twoSaved().refuseAfter(step, "No space left on device");
      SaveResult result = save(disk, THIRD, 3);
      disk.healed();
      if (result instanceof SaveResult.Saved saved) {
        assertEquals(3, loaded(disk).asOfMillis());
        if (saved.leftovers().isEmpty()) {
          break;
        }
        assertEquals(List.of(ONE + ": No space left on device"), saved.leftovers());
      } else {
        assertEquals(new SaveResult.NotSaved("No space left on device"), result);
        assertTrue(loaded(disk).asOfMillis() >= 2);
      }
      assertInstanceOf(SaveResult.Saved.class, save(disk, FIRST, 4));
      assertEquals(2, disk.list().size(), () -> disk.list().toString());
    }
  }

  @Test
  void takesBackAFileWhenTheTableThrows() {
    FragileDisk disk = twoSaved();
    assertThrows(
        IllegalStateException.class,
        () ->
            new LastGoodStore(disk)
                .save(
                    each -> {
                      throw new IllegalStateException("a bug");
                    },
                    3,
                    3));
    assertEquals(List.of(ONE, TWO), disk.list());
  }

  @Test
  void namesEachDamage() {
    FragileDisk disk = twoSaved();
    byte[] whole = disk.bytes(TWO);
    disk.put(TWO, new byte[0]);
    assertEquals(TWO + " is empty", problem(disk));
    disk.put(TWO, "state: { urls: [] }\n# nothing of ours".getBytes());
    assertEquals(TWO + " is no last-good table", problem(disk));
    disk.put(TWO, Arrays.copyOf(whole, 30));
    assertEquals(TWO + " ends within its head", problem(disk));
    disk.put(TWO, Arrays.copyOf(whole, whole.length - 200));
    assertTrue(problem(disk).endsWith(" is longer than the file"), problem(disk));
    disk.put(TWO, Arrays.copyOf(whole, whole.length - 10));
    assertEquals(TWO + " ends within its trailer", problem(disk));
    disk.put(TWO, Arrays.copyOf(whole, whole.length + 1));
    assertEquals(TWO + " goes on behind its trailer", problem(disk));
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 4;
    disk.put(TWO, flipped);
    assertTrue(problem(disk).contains("wrong checksum in block "), problem(disk));
    byte[] newer = whole.clone();
    ByteBuffer.wrap(newer).putInt(8, 2);
    disk.put(TWO, newer);
    assertEquals(TWO + " has format 2, this program reads 1", problem(disk));
  }

  @Test
  void hasNothingWhereBothAreDamaged() {
    FragileDisk disk = twoSaved();
    disk.put(ONE, new byte[0]);
    disk.put(TWO, new byte[0]);
    LastGood.Damaged damaged =
        assertInstanceOf(LastGood.Damaged.class, new LastGoodStore(disk).load());
    assertEquals(List.of(TWO + " is empty", ONE + " is empty"), damaged.reasons());
  }

  /// A block is right in its own file and place alone.
  @Test
  void noticesABlockOfAnotherFile() {
    FragileDisk disk = twoSaved();
    byte[] whole = disk.bytes(TWO);
    FragileDisk other = new FragileDisk();
    save(other, FIRST, 1);
    save(other, SECOND, 7);
    byte[] foreign = other.bytes(TWO);
    assertEquals(whole.length, foreign.length);
    System.arraycopy(foreign, TableFile.HEAD_BYTES, whole, TableFile.HEAD_BYTES, 70_000);
    disk.put(TWO, whole);
    assertTrue(problem(disk).contains("wrong checksum in block 0"), problem(disk));
  }

  /// As after an upgrade whose model is stricter.
  @Test
  void leavesOutAnEntityThatTheModelRefuses() {
    FragileDisk disk = new FragileDisk();
    EntityWriter good = new EntityWriter();
    good.add(new App(new AppId("good"), 1));
    byte[] bytes = new byte[good.size() * 2];
    good.written().get(bytes, 0, good.size());
    good.written().get(bytes, good.size(), good.size());
    bytes[good.size() + 6] = '/';
    TableFileWriterProbe.write(disk, ONE, bytes, 2);
    LastGood.Loaded loaded = loaded(disk);
    assertEquals(List.of(new App(new AppId("good"), 1)), loaded.entities());
    assertEquals(LastGood.Which.NEWEST, loaded.which());
    assertTrue(loaded.problems().getFirst().contains("block 0, entity 2: AppId has a character"));
  }

  @Property(tries = 1000)
  void noticesAnyFlippedBit(
      @ForAll @IntRange(min = 0) int where, @ForAll @IntRange(max = 7) int b) {
    FragileDisk disk = new FragileDisk();
    save(disk, FIRST, 1);
    byte[] bytes = disk.bytes(ONE);
    bytes[where % bytes.length] ^= (byte) (1 << b);
    disk.put(ONE, bytes);
    assertInstanceOf(LastGood.Damaged.class, new LastGoodStore(disk).load());
  }

  @Property(tries = 500)
  void noticesAnyCutAndAnyRun(
      @ForAll @IntRange(min = 0) int from, @ForAll byte[] run, @ForAll boolean cut) {
    FragileDisk disk = new FragileDisk();
    save(disk, FIRST, 1);
    byte[] whole = disk.bytes(ONE);
    byte[] bytes = Arrays.copyOf(whole, cut ? from % whole.length : whole.length);
    if (!cut) {
      int at = from % bytes.length;
      System.arraycopy(run, 0, bytes, at, Math.min(run.length, bytes.length - at));
    }
    disk.put(ONE, bytes);
    LastGood found = new LastGoodStore(disk).load();
    if (Arrays.equals(whole, bytes)) {
      assertInstanceOf(LastGood.Loaded.class, found);
    } else {
      assertInstanceOf(LastGood.Damaged.class, found);
    }
  }
}
