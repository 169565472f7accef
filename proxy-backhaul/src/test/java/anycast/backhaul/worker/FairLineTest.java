package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FairLineTest {
  private final FairLine<String, String> line = new FairLine<>();

  @Test
  void keysTakeTurnsAndWithinOneTheFirstComesFirst() {
    line.add("a", "a1");
    line.add("a", "a2");
    line.add("a", "a3");
    line.add("b", "b1");
    line.add("c", "c1");
    line.add("b", "b2");

    List<String> order = new ArrayList<>();
    while (!line.isEmpty()) {
      assertEquals(line.first(), line.first());
      order.add(line.next());
    }

    assertEquals(List.of("a1", "b1", "c1", "a2", "b2", "a3"), order);
  }

  @Test
  void theNewestOfWhoHasMostGivesWay() {
    line.add("big", "1");
    line.add("big", "2");
    line.add("small", "3");

    assertEquals("2", line.giver("small"));
    assertTrue(line.remove("big", "2"));
    assertEquals("3", line.giver("small"), "a newcomer gives way to its equals");
    assertFalse(line.remove("big", "2"));
    assertEquals(Map.of("big", 1, "small", 1), line.counts());
  }

  /// Against a list: adds, turns and leavings in any order.
  @Property(tries = 300)
  void isAsLongAsAListOfTheSameIs(
      @ForAll @Size(max = 60) List<@IntRange(max = 5) Integer> keys,
      @ForAll @Size(max = 60) List<@IntRange(max = 2) Integer> doings) {
    FairLine<Integer, Integer> tested = new FairLine<>();
    List<int[]> naive = new ArrayList<>();
    int made = 0;
    for (int i = 0; i < keys.size(); i++) {
      int doing = i < doings.size() ? doings.get(i) : 0;
      if (doing == 0 || naive.isEmpty()) {
        tested.add(keys.get(i), made);
        naive.add(new int[] {keys.get(i), made++});
      } else if (doing == 1) {
        int taken = tested.next();
        int[] of = naive.stream().filter(w -> w[1] == taken).findFirst().orElseThrow();
        assertTrue(
            naive.stream().noneMatch(w -> w[0] == of[0] && w[1] < taken), "first come first");
        naive.remove(of);
      } else {
        int[] gone = naive.remove(naive.size() / 2);
        assertTrue(tested.remove(gone[0], gone[1]));
      }
      assertEquals(naive.size(), tested.size());
      if (!naive.isEmpty()) {
        long most =
            naive.stream()
                .mapToLong(w -> naive.stream().filter(o -> o[0] == w[0]).count())
                .max()
                .orElseThrow();
        int giver = tested.giver(naive.getLast()[0]);
        int key = naive.stream().filter(w -> w[1] == giver).findFirst().orElseThrow()[0];
        assertEquals(most, naive.stream().filter(w -> w[0] == key).count());
      }
    }
  }
}
