package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class RowStoreTest {
  private static App app(int name, long generation) {
    return new App(new AppId("app" + name), generation);
  }

  private static Object key(int name) {
    return new Entity.AppKey(new AppId("app" + name));
  }

  private static void drop(RowStore store, int slot) {
    if (store.owns(slot)) {
      store.disown(slot);
    }
    store.remove(slot);
  }

  @Property(tries = 300)
  void holdsWhatMapsHold(
      @ForAll @Size(max = 400) List<@IntRange(min = 0, max = 9_999) Integer> steps) {
    RowStore store = new RowStore();
    Map<Long, App> rows = new HashMap<>();
    Map<Object, Long> owners = new HashMap<>();
    for (int step : steps) {
      long rowid = (step % 100 - 50) * 0x1_0000_0001L;
      App value = app(step / 100 % 40, step);
      int slot = store.slotOf(rowid);
      assertEquals(rows.containsKey(rowid), slot != RowStore.NONE);
      if (slot == RowStore.NONE) {
        store.add(rowid, value);
        rows.put(rowid, value);
        owners.put(value.key(), rowid);
      } else {
        Long owner = owners.get(rows.get(rowid).key());
        assertEquals(owner != null && owner == rowid, store.owns(slot));
        drop(store, slot);
        owners.remove(rows.remove(rowid).key(), rowid);
      }
      assertEquals(owners.size(), store.keyCount());
    }
    for (int name = 0; name < 40; name++) {
      Long owner = owners.get(key(name));
      assertEquals(owner == null ? null : rows.get(owner), store.find(key(name)));
    }
  }

  @Test
  void growsAndReusesItsPlaces() {
    RowStore store = new RowStore();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 10_000; i++) {
        store.add(i, app(i, round));
      }
      assertEquals(10_000, store.keyCount());
      assertEquals(10_000, store.end());
      assertEquals(app(77, round), store.find(key(77)));
      for (int i = 0; i < 10_000; i++) {
        drop(store, store.slotOf((long) i));
      }
      assertEquals(0, store.keyCount());
      assertNull(store.find(key(77)));
    }
  }

  @Test
  void lastRowOfAKeyOwnsIt() {
    RowStore store = new RowStore();
    int old = store.add(1, app(1, 1));
    App fresh = app(1, 2);
    int slot = store.add(2, fresh);
    assertSame(fresh, store.find(key(1)));
    assertFalse(store.owns(old));
    store.remove(old);
    assertTrue(store.owns(slot));
    assertEquals(1, store.keyCount());
  }

  @Test
  void rowWithoutAValueOwnsNothing() {
    RowStore store = new RowStore();
    int slot = store.add(5, RowStore.NOTHING);
    store.skipped(slot, true);
    assertEquals(0, store.keyCount());
    assertEquals(1, store.skippedCount());
    assertEquals(0, store.previousServes());
    store.set(slot, app(1, 1));
    assertEquals(1, store.previousServes());
    drop(store, slot);
    assertEquals(0, store.skippedCount());
  }
}
