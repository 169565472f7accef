package anycast.routing.pick;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/// jcstress: of two event loops that want the last retry of a budget exactly one gets it, also
/// where the slot is one of a second long gone.
@JCStressTest
@Outcome(
    id = {"true, false", "false, true"},
    expect = Expect.ACCEPTABLE,
    desc = "one got it")
@Outcome(expect = Expect.FORBIDDEN, desc = "over the budget, or a retry lost")
@State
public class RetryBudgetStress {
  private static final long NOW = 70_000_000_000L;

  private final ServiceStats stats = new ServiceStats();

  public RetryBudgetStress() {
    long longAgo = NOW - 16_000_000_000L;
    stats.onRequest(longAgo);
    stats.tryRetry(100, 0, longAgo);
    stats.onRequest(NOW);
  }

  @Actor
  public void one(ZZ_Result result) {
    result.r1 = stats.tryRetry(100, 0, NOW);
  }

  @Actor
  public void other(ZZ_Result result) {
    result.r2 = stats.tryRetry(100, 0, NOW);
  }
}
