package anycast.routing.pick;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/// jcstress: of two event loops that want the last place of an instance exactly one gets it, and
/// the count is exact afterwards.
@JCStressTest
@Outcome(
    id = {"true, false, 1", "false, true, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "one got the place")
@Outcome(expect = Expect.FORBIDDEN, desc = "over the limit, or a place lost")
@State
public class LoadStress {
  private final Load load = new Load();

  @Actor
  public void one(ZZI_Result result) {
    result.r1 = load.tryBegin(1);
  }

  @Actor
  public void other(ZZI_Result result) {
    result.r2 = load.tryBegin(1);
  }

  @Arbiter
  public void after(ZZI_Result result) {
    result.r3 = load.inFlight();
  }
}
