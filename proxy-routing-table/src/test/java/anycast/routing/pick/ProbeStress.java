package anycast.routing.pick;

import anycast.routing.model.ServicePolicy.Outlier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/// jcstress: of two loops that find an instance half open exactly one tries it, and faults that two
/// loops saw at once are both counted, also when they were the first lessons of all.
@JCStressTest
@Outcome(
    id = {"true, false, true", "false, true, true"},
    expect = Expect.ACCEPTABLE,
    desc = "one took the probe, both faults count")
@Outcome(expect = Expect.FORBIDDEN, desc = "two probes or none, or a fault lost")
@State
public class ProbeStress {
  private static final Outlier TWO = new Outlier(2, 1 << 20, 100, 0);
  private static final int LATER = 100;

  private final Load half = new Load();
  private final Load fresh = new Load();

  public ProbeStress() {
    half.observe(Load.Outcome.FAILED, -1, 0);
    half.observe(Load.Outcome.FAILED, -1, 0);
  }

  @Actor
  public void one(ZZZ_Result result) {
    fresh.observe(Load.Outcome.FAILED, -1, 0);
    result.r1 = half.experience().tryProbe(TWO, LATER);
  }

  @Actor
  public void other(ZZZ_Result result) {
    fresh.observe(Load.Outcome.FAILED, -1, 0);
    result.r2 = half.experience().tryProbe(TWO, LATER);
  }

  @Arbiter
  public void after(ZZZ_Result result) {
    result.r3 = fresh.state(TWO, 0) == Breaker.State.OPEN;
  }
}
