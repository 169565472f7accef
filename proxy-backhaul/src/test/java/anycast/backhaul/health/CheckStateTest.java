package anycast.backhaul.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.backhaul.health.CheckState.Status;
import anycast.routing.model.HealthCheck;
import org.junit.jupiter.api.Test;

class CheckStateTest {
  private static final CheckResult PASS = new CheckResult.Passed();
  private static final CheckResult FAIL = new CheckResult.Failed("down");
  private static final CheckResult LAG = new CheckResult.Lagging("behind");
  private static final long GRACE_END = 1_000;

  private static CheckState state(Status first) {
    HealthCheck check = new HealthCheck(0, null, 1, 1, 0, 2, 3);
    return new CheckState(check, first, "before", GRACE_END);
  }

  private static Status after(CheckState state, long nowNanos, CheckResult... results) {
    for (CheckResult result : results) {
      state.onResult(result, nowNanos);
    }
    return state.status();
  }

  @Test
  void aFreshInstanceIsReadyWithItsFirstPass() {
    assertEquals(Status.PASSING, after(state(Status.FRESH), 0, FAIL, FAIL, FAIL, FAIL, PASS));
  }

  @Test
  void withinTheGraceNoFailureCounts() {
    CheckState state = state(Status.FRESH);
    assertEquals(Status.FRESH, after(state, GRACE_END - 1, FAIL, FAIL, FAIL));
    assertEquals("down", state.detail());
    assertEquals(Status.FRESH, after(state, GRACE_END, FAIL, FAIL));
    assertEquals(Status.FAILING, after(state, GRACE_END, FAIL));
  }

  @Test
  void fallFailuresInARowPullItOutAndRisePassesInARowBringItBack() {
    CheckState state = state(Status.PASSING);
    assertEquals("", state.detail());
    assertEquals(Status.PASSING, after(state, GRACE_END, FAIL, FAIL, PASS, FAIL, FAIL));
    assertEquals(Status.FAILING, after(state, GRACE_END, FAIL));
    assertEquals(Status.FAILING, after(state, GRACE_END, PASS, FAIL, PASS));
    assertEquals(Status.PASSING, after(state, GRACE_END, PASS));
    assertEquals("", state.detail());
  }

  @Test
  void flappingFasterThanRiseAndFallChangesNothing() {
    CheckState ready = state(Status.PASSING);
    CheckState failing = state(Status.FAILING);
    for (int i = 0; i < 100; i++) {
      assertEquals(Status.PASSING, after(ready, GRACE_END, FAIL, FAIL, PASS));
      assertEquals(Status.FAILING, after(failing, GRACE_END, PASS, FAIL));
    }
  }

  @Test
  void aLagCountsAsAFailureAndIsCalledByItsName() {
    CheckState state = state(Status.PASSING);
    assertEquals(Status.PASSING, after(state, GRACE_END, LAG, LAG));
    assertEquals(Status.LAGGING, after(state, GRACE_END, LAG));
    assertEquals("behind", state.detail());
    assertEquals(Status.FAILING, after(state, GRACE_END, FAIL));
    assertEquals(Status.LAGGING, after(state, GRACE_END, LAG));
  }
}
