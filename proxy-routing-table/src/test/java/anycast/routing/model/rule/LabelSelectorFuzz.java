package anycast.routing.model.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/// Texts that are, or nearly are, selectors.
public final class LabelSelectorFuzz {
  @FuzzTest(maxDuration = "10s")
  void fuzz(byte[] bytes) {
    check(new String(bytes, StandardCharsets.UTF_8));
  }

  public static void check(String text) {
    switch (LabelSelector.read(text)) {
      case SelectorRead.Valid(LabelSelector selector) -> {
        assertEquals(selector, LabelSelector.parse(selector.text()));
        assertTrue(selector.contradiction().isEmpty() || !selector.matches(key -> ""));
      }
      case SelectorRead.Invalid(int column, String problem) -> {
        assertTrue(column >= 1 && column <= text.length() + 1, () -> "column " + column);
        assertTrue(!problem.isEmpty());
      }
    }
  }
}
