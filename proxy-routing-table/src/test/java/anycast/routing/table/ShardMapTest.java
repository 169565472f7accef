package anycast.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardMapTest {
  private static Named<Integer> named(String name, int value) {
    return new Named<>(name, value);
  }

  @Test
  void holdsWhatAHashMapHoldsThroughGrowthAndShrinking() {
    Random random = new Random(7);
    Map<String, Integer> model = new HashMap<>();
    ShardMap<Named<Integer>> map = Named.map();
    // Grows to about 40,000 entries (10 a shard), then shrinks to almost none.
    for (int round = 0; round < 40; round++) {
      ShardMap.Edit<Named<Integer>> edit = map.edit();
      for (int i = 0; i < 5_000; i++) {
        String name = "name-" + random.nextInt(60_000);
        if (random.nextInt(40) < round) {
          model.remove(name);
          edit.remove(named(name, 0));
        } else {
          model.put(name, i);
          edit.put(named(name, i));
        }
      }
      map = edit.freeze();
      assertEquals(model.size(), map.size());
    }
    for (int i = 0; i < 60_000; i++) {
      Named<Integer> entry = map.find("name-" + i, 0);
      assertEquals(model.get("name-" + i), entry == null ? null : entry.value);
    }
    Map<String, Integer> listed = new HashMap<>();
    map.each(entry -> listed.put(entry.name, entry.value));
    assertEquals(model, listed);
  }

  @Test
  void keepsEveryEntryInReachOfItsProbe() {
    // All in one shard, so that gaps close across wrapped chains.
    List<String> names = new ArrayList<>();
    for (int i = 0; names.size() < 200; i++) {
      String name = "n" + i;
      if (KeyHash.of(name, 0) >>> 20 == 0) {
        names.add(name);
      }
    }
    Random random = new Random(11);
    Set<String> model = new HashSet<>();
    ShardMap<Named<Integer>> map = Named.map();
    for (int i = 0; i < 20_000; i++) {
      String name = names.get(random.nextInt(names.size()));
      ShardMap.Edit<Named<Integer>> edit = map.edit();
      if (model.remove(name)) {
        edit.remove(named(name, 0));
      } else {
        model.add(name);
        edit.put(named(name, 0));
      }
      map = edit.freeze();
      String other = names.get(random.nextInt(names.size()));
      assertEquals(model.contains(other), map.find(other, 0) != null);
    }
    for (String name : names) {
      assertEquals(model.contains(name), map.find(name, 0) != null);
    }
  }

  @Test
  void anUpdateSharesAllShardsButItsOwn() {
    ShardMap.Edit<Named<Integer>> edit = Named.<Integer>map().edit();
    for (int i = 0; i < 50_000; i++) {
      edit.put(named("name-" + i, i));
    }
    ShardMap<Named<Integer>> base = edit.freeze();
    edit = base.edit();
    edit.put(named("name-77", -1));
    ShardMap<Named<Integer>> next = edit.freeze();
    int own = KeyHash.of("name-77", 0);
    assertNotSame(base.shardOf(own), next.shardOf(own));
    for (int shard = 0; shard < 4096; shard++) {
      if (shard != own >>> 20) {
        assertSame(base.shardOf(shard << 20), next.shardOf(shard << 20));
      }
    }
    assertEquals(77, base.find("name-77", 0).value);
    assertEquals(-1, next.find("name-77", 0).value);
    assertSame(base, base.edit().freeze());
  }

  @Test
  void textAndItsBytesHashAlike() {
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(70); n > 0; n--) {
        text.append((char) (33 + random.nextInt(90)));
      }
      byte[] bytes = ("#" + text + "#").getBytes(StandardCharsets.US_ASCII);
      assertEquals(KeyHash.of(bytes, 1, text.length()), KeyHash.of(text.toString(), 0));
      assertEquals(KeyHash.of(bytes, 1, text.length()), KeyHash.of("##" + text, 2));
    }
  }

  @Test
  void namesThatCollideUnderStringHashCodeSpreadOverShards() {
    // "Aa" and "BB" have one hashCode, so have all 4096 strings made of 12 of them.
    Set<Integer> shards = new HashSet<>();
    for (int bits = 0; bits < 4096; bits++) {
      StringBuilder name = new StringBuilder();
      for (int i = 0; i < 12; i++) {
        name.append((bits >> i & 1) == 0 ? "Aa" : "BB");
      }
      shards.add(KeyHash.of(name.toString(), 0) >>> 20);
    }
    // 4096 balls in 4096 boxes fill 63%, give or take 1%.
    assertTrue(shards.size() > 2_400, "only " + shards.size() + " shards");
  }

  @Test
  void namesBeyondAsciiAreKeptApart() {
    ShardMap.Edit<Named<Integer>> edit = Named.<Integer>map().edit();
    edit.put(named("\u0141", 1));
    edit.put(named("A", 2));
    ShardMap<Named<Integer>> map = edit.freeze();
    assertEquals(1, map.find("\u0141", 0).value);
    assertEquals(2, map.find("A", 0).value);
    assertNull(map.find("\u0241", 0));
  }
}
