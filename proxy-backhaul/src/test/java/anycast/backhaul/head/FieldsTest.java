package anycast.backhaul.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FieldsTest {
  private static final AsciiString[] NAMES = {
    AsciiString.of("a"), AsciiString.of("via"), AsciiString.of("x-long-name")
  };

  /// The flat list does what a list of pairs does, through growth and removal.
  @Property(tries = 500)
  void agreesWithAListOfPairs(@ForAll long seed) {
    Random random = new Random(seed);
    Fields fields = new Fields(1, 0);
    List<Map.Entry<AsciiString, String>> model = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      AsciiString name = NAMES[random.nextInt(NAMES.length)];
      String value = "v".repeat(random.nextInt(30)) + i;
      switch (random.nextInt(6)) {
        case 0 -> {
          fields.removeAll(name);
          model.removeIf(e -> e.getKey().equals(name));
        }
        case 1 -> {
          fields.set(name, value);
          model.removeIf(e -> e.getKey().equals(name));
          model.add(Map.entry(name, value));
        }
        case 2 -> {
          if (!model.isEmpty()) {
            int at = random.nextInt(model.size());
            fields.remove(at);
            model.remove(at);
          }
        }
        default -> {
          fields.add(name, value);
          model.add(Map.entry(name, value));
        }
      }
      same(model, fields);
      same(model, fields.copy());
    }
  }

  private static void same(List<Map.Entry<AsciiString, String>> model, Fields fields) {
    assertEquals(model.size(), fields.size());
    for (int i = 0; i < model.size(); i++) {
      assertEquals(model.get(i).getKey(), fields.name(i));
      assertEquals(model.get(i).getValue(), fields.valueText(i));
    }
  }

  @Test
  void keepsBytesAboveAscii() {
    Fields fields = new Fields();
    fields.add("x", "\u00ff");
    assertEquals("\u00ff", fields.text(AsciiString.of("x")));
    assertEquals((byte) 0xff, fields.array()[fields.valueStart(0)]);
    assertNull(fields.text(AsciiString.of("y")));
  }
}
