package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.watchdog.Flight;
import anycast.backhaul.watchdog.FlightFile;
import anycast.backhaul.watchdog.FlightSlot;
import anycast.routing.admission.Stage;
import anycast.routing.table.RoutingSnapshot;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What planning writes into the flight file.
class PlanFlightTest {
  private static final long NOW_NANOS = 77;

  private final FlightSlot slot =
      Flight.open(Optional.empty(), "edge", 1, () -> NOW_NANOS, InstantSource.system()).loop(0);

  @Test
  void hostRuleAndExchangeStandThereAndNobodyIsToBlameAfterwards() {
    String document = "hosts: [v.test]\nrules: [ { name: all, to: [ { selector: app=hello } ] } ]";
    RoutingSnapshot world = Scene.usual().virtual("v", document).snapshot();
    assertInstanceOf(Plan.Forward.class, plan(world, "V.test:443"));
    FlightFile.Slot read = slot.read();
    assertEquals("v.test", read.key());
    assertEquals("v/all", read.rule());
    assertEquals(Scene.arrival(Scene.tls("v.test")).id(), read.exchange());
    assertEquals(world.version(), read.snapshot());
    assertEquals(NOW_NANOS, read.sinceNanos());
    assertEquals(Stage.IDLE, read.stage());
  }

  @Test
  void theRuleOfTheRequestBeforeIsGone() {
    String document = "hosts: [v.test]\nrules: [ { name: all, to: [ { selector: app=hello } ] } ]";
    RoutingSnapshot world = Scene.usual().virtual("v", document).snapshot();
    plan(world, "v.test");
    plan(world, "a.test");
    assertEquals("a.test", slot.read().key());
    assertEquals("", slot.read().rule());
  }

  @Test
  void aRequestThatPlanningFailsAtLeavesTheSlotAtRestToo() {
    String document =
        "fault: { kind: throw, at: request }\n"
            + "hosts: [v.test]\nrules: [ { name: all, to: [ { selector: app=hello } ] } ]";
    RoutingSnapshot world = Scene.usual().poisoned("v", document).snapshot();
    assertInstanceOf(Plan.Refuse.class, plan(world, "v.test"));
    assertEquals("v/all", slot.read().rule());
    assertEquals(Stage.IDLE, slot.read().stage());
  }

  private Plan plan(RoutingSnapshot world, String host) {
    Visitor visitor = Scene.tls("v.test", "a.test");
    RequestHead head = Scene.head("GET", host, "/");
    Moment now = new Moment(world, NOW_NANOS, 0, slot);
    return Scene.planner().plan(now, visitor, Scene.arrival(visitor), head, () -> now);
  }
}
