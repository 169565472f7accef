package anycast.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is counted, and what it comes to.
final class TallyTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final Tally tally = new Tally(List.of("a", "b"), out);

  private List<String> said() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private boolean well() {
    return Verdict.of(tally.failures(), List.of("a"), "g").tell(tally.total(), out);
  }

  @Test
  void failedRequestToAnUntouchedAppIsTheVerdictAndNamed() {
    tally.sent(3, "restored", "a");
    tally.ended(3, "a", "503");
    assertFalse(well());
    assertTrue(said().contains("  second 3, restored: a 503"), said().toString());
    assertTrue(said().contains("VERDICT: requests to untouched apps FAILED"), said().toString());
  }

  @Test
  void failedRequestToATouchedAppIsCountedOnly() {
    tally.sent(1, "before", "a");
    tally.sent(1, "before", "b");
    tally.ended(1, "a", "200");
    tally.ended(1, "b", "404");
    assertTrue(well());
    assertTrue(said().contains("2 requests; failed by app: {b=1}"), said().toString());
  }

  @Test
  void secondIsPrintedWhenAllThatWasSentInItHasEnded() {
    tally.sent(1, "before", "a");
    tally.sent(1, "before", "a");
    tally.sent(2, "after", "b");
    tally.ended(2, "b", "200");
    tally.ended(1, "a", "timeout");
    tally.print(3);
    assertEquals(1, said().size(), "only the head: one of the first second is under way");
    tally.ended(1, "a", "200");
    tally.print(2);
    assertEquals(2, said().size(), "the second one goes on");
    tally.print(3);
    assertEquals("   1  before                1/2 1xtimeout   -", said().get(1));
    assertEquals("   2  after                 -               1/1", said().get(2));
  }
}
