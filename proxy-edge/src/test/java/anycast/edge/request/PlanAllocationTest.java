package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.head.RequestHead;
import anycast.routing.table.RoutingSnapshot;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// What one plan costs in garbage. Measured were 712 bytes for an app and 1,080 by a rule; the
/// bounds are half as much again, to show a stream or a copy that somebody adds.
class PlanAllocationTest {
  private static final int ROUNDS = 2_000;
  private static final int PASSES = 5;

  private final EdgePlanner planner = Scene.planner();
  private final Visitor visitor = Scene.tls("a.test", "v.test");
  private final Arrival arrival = Scene.arrival(visitor);

  @Test
  void aPlanForAnAppsHostAllocatesLittle() {
    measure(Scene.usual().snapshot(), "a.test", 1_200);
  }

  @Test
  void aPlanByARuleAllocatesLittleMore() {
    String document = "hosts: [v.test]\nrules: [ { to: [ { selector: app=hello } ] } ]";
    measure(Scene.usual().virtual("v", document).snapshot(), "v.test", 1_600);
  }

  private void measure(RoutingSnapshot world, String host, long most) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    RequestHead[] heads = new RequestHead[ROUNDS];
    Plan last = null;
    long least = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      for (int i = 0; i < ROUNDS; i++) {
        heads[i] = Scene.head("GET", host, "/some/path?query", "accept", "*/*");
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < ROUNDS; i++) {
        Moment now = new Moment(world, 0, i);
        last = planner.plan(now, visitor, arrival, heads[i], () -> now);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertInstanceOf(Plan.Forward.class, last);
    long each = least / ROUNDS;
    assertTrue(each <= most, each + " bytes a plan");
  }
}
