package anycast.backhaul.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.link.Liveness.Verdict;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LivenessTest {
  private final Liveness liveness = new Liveness(new Liveness.Pace(20, 50, 10, 30), 1_000);

  @Test
  void asksOnceAnIntervalAndWaitsForTheAnswer() {
    assertEquals(Verdict.WAIT, liveness.onTick(1_049, false));
    assertEquals(Verdict.ASK, liveness.onTick(1_050, false));
    assertEquals(Verdict.WAIT, liveness.onTick(1_059, false));
    liveness.onAnswer(1_061);
    assertEquals(Verdict.WAIT, liveness.onTick(1_110, false));
    assertEquals(Verdict.ASK, liveness.onTick(1_111, false));
  }

  @Test
  void asksMoreOftenWhileStreamsAreOpen() {
    assertEquals(Verdict.WAIT, liveness.onTick(1_019, true));
    assertEquals(Verdict.ASK, liveness.onTick(1_020, true));
  }

  @Test
  void doubtsFirstAndGivesUpWhenTheTimeoutIsOver() {
    assertEquals(Verdict.ASK, liveness.onTick(1_050, false));
    assertEquals(Verdict.WAIT, liveness.onTick(1_059, true));
    assertEquals(Verdict.DOUBT, liveness.onTick(1_060, true));
    assertEquals(Verdict.DOUBT, liveness.onTick(1_079, true));
    assertEquals(Verdict.DEAD, liveness.onTick(1_080, true));
  }

  @Test
  void lateAnswerEndsTheDoubt() {
    assertEquals(Verdict.ASK, liveness.onTick(1_050, false));
    assertEquals(Verdict.DOUBT, liveness.onTick(1_070, false));
    liveness.onAnswer(1_079);
    assertEquals(Verdict.WAIT, liveness.onTick(1_081, false));
  }

  @Test
  void answerThatNobodyAskedForChangesNothing() {
    liveness.onAnswer(1_040);
    assertEquals(Verdict.ASK, liveness.onTick(1_050, false));
  }

  @Property(tries = 200)
  void backoffStaysBetweenHalfAndAllOfItsDoublingLength(
      @ForAll @IntRange(min = 1, max = 100) int failures, @ForAll long random) {
    Backoff backoff = new Backoff();
    long nowNanos = 0;
    for (int i = 0; i < failures; i++) {
      backoff.onFailure(nowNanos, random);
    }
    long lengthNanos = Math.min(2_000_000_000L, 100_000_000L << Math.min(failures - 1, 10));
    assertFalse(backoff.over(lengthNanos / 2 - 1));
    assertTrue(backoff.over(lengthNanos));
    backoff.onSuccess();
    assertTrue(backoff.over(0));
  }
}
