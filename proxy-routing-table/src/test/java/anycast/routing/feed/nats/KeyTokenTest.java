package anycast.routing.feed.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nats.client.support.Validator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class KeyTokenTest {
  @Test
  void keepsLegibleWhatIsLegible() {
    assertEquals("=2A.example.com", KeyToken.of(List.of("*.example.com")));
    assertEquals("w1.shop-1_a", KeyToken.of(List.of("w1", "shop-1_a")));
    assertEquals("w1=2Efra.i=2F1", KeyToken.of(List.of("w1.fra", "i/1")));
    assertEquals("=2Ea=2E.b.c", KeyToken.of(List.of(".a.", "b.c")));
    assertEquals("=.=", KeyToken.of(List.of("", "")));
    assertEquals("a.=2Eb=2E", KeyToken.of(List.of("a..b.")));
    assertEquals("k=C3=A4se=3D", KeyToken.of(List.of("käse=")));
  }

  @Test
  void refusesWhatNobodyWroteSo() {
    for (String key : List.of("a=2", "=2a", "=41", "a..b", "a.", ".", "a b", "=ZZ", "a=", "=C3")) {
      assertEquals(Optional.empty(), KeyToken.cells(key, 1), key);
    }
    assertEquals(Optional.empty(), KeyToken.cells("a", 2));
  }

  @Property(tries = 500)
  void readsBackWhatItWrote(@ForAll @Size(min = 1, max = 3) List<String> raw) {
    // unpaired surrogates are no text
    List<String> cells = raw.stream().map(s -> s.replaceAll("\\p{Cs}", "").substring(0)).toList();
    String key = KeyToken.of(cells);
    Validator.validateNonWildcardKvKeyRequired(key);
    assertEquals(Optional.of(cells), KeyToken.cells(key, cells.size()));
  }

  @Test
  void idsAreStableAndCountedOnce() {
    KeyIds ids = new KeyIds();
    KeyIds others = new KeyIds();
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      long id = ids.id("w1.i" + i);
      assertEquals(id, others.id("w1.i" + i));
      assertTrue(ids.add(id));
      assertTrue(seen.add(id));
    }
    for (long id : seen) {
      assertTrue(!ids.add(id));
    }
    assertEquals(10_000, ids.size());
    ids.clear();
    assertEquals(0, ids.size());
  }
}
