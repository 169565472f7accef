package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class RowPagesTest {
  private static List<String> rows(RowPages.Picture<String> picture) {
    List<String> rows = new ArrayList<>();
    for (int page = 0; picture.page(page, rows::add); page++) {
      // the next
    }
    return rows.stream().sorted().toList();
  }

  @Test
  void pictureStaysAsItWasWhateverIsWrittenLater() {
    Random random = new Random(7);
    RowPages<String> pages = new RowPages<>();
    Map<Integer, String> model = new TreeMap<>();
    List<RowPages.Picture<String>> pictures = new ArrayList<>();
    List<List<String>> wanted = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      List<Integer> slots = List.copyOf(model.keySet());
      String row = "row" + step;
      if (slots.isEmpty() || random.nextInt(3) == 0 || step < 1_000) {
        model.put(pages.add(row), row);
      } else {
        int slot = slots.get(random.nextInt(slots.size()));
        assertEquals(model.get(slot), pages.at(slot));
        if (random.nextInt(3) == 0) {
          pages.remove(slot);
          model.remove(slot);
        } else {
          pages.put(slot, row);
          model.put(slot, row);
        }
      }
      if (step % 500 == 0) {
        pictures.add(pages.picture());
        wanted.add(model.values().stream().sorted().toList());
      }
    }
    for (int i = 0; i < pictures.size(); i++) {
      assertEquals(wanted.get(i), rows(pictures.get(i)), "picture " + i);
    }
  }
}
