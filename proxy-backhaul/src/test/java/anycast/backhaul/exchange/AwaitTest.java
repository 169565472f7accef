package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import java.util.List;
import org.junit.jupiter.api.Test;

class AwaitTest {
  private final Scene scene = new Scene();
  private int plans;
  private boolean there;
  private Plan instead;

  /// What the planner says of the moment.
  private Plan plan() {
    plans++;
    if (instead != null) {
      return instead;
    }
    return there ? scene.plan() : scene.wait(1000, this::plan);
  }

  @Test
  void theTotalTimeBeginsWhenTheWaitEnds() {
    scene.timeouts = new Plan.Timeouts(0, 0, Scene.millis(40), 0);
    scene.await(1000, this::plan, true);
    scene.pass(90);
    scene.candidate("a", "n1");
    there = true;
    scene.pass(40);
    assertEquals(List.of("open a end"), scene.lines);
    scene.pass(30);
    assertEquals("fault TOTAL_TIMEOUT", scene.lines.getLast());
  }

  @Test
  void aCandidateThatAppearsGetsTheRequestWithTheBodyThatWaited() {
    scene.await(1000, this::plan, false);
    scene.body("abc", false);
    scene.body("def", false);
    scene.pass(40);
    assertEquals(List.of(), scene.lines, "no credit while it waits");
    scene.candidate("a", "n1");
    there = true;
    scene.pass(10);
    scene.body("g", true);
    scene.attempt(0).events.onRequestSent(7);
    scene.attempt(0).head(200, true);
    assertEquals(
        List.of("open a", "up abc", "up def", "up g end", "credit 7", "head 200 end"), scene.lines);
    ended();
  }

  @Test
  void bodyThatWaitedIsSentAgainAfterARefusal() {
    scene.await(1000, this::plan, false);
    scene.body("abc", true);
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    there = true;
    scene.pass(50);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.attempt(1).head(200, true);
    assertEquals(
        List.of("open a", "up abc end", "open b", "up abc end", "head 200 end"), scene.lines);
    ended();
  }

  @Test
  void nothingIsLeftOfABodyThatNeedsNoCopyOnceItIsSent() {
    scene.window = 0;
    scene.await(1000, this::plan, false);
    scene.body("abc", false);
    assertTrue(scene.keptBytes() > 0);
    scene.candidate("a", "n1");
    there = true;
    scene.pass(50);
    assertEquals(0, scene.keptBytes());
    scene.body("def", true);
    assertEquals(List.of("open a", "up abc", "up def end"), scene.lines);
    scene.attempt(0).head(200, true);
    ended();
  }

  @Test
  void whoWaitsTooLongIsToldWhy() {
    scene.await(120, this::plan, false);
    scene.body("abc", false);
    scene.pass(119);
    assertEquals(List.of(), scene.lines);
    scene.pass(31);
    assertEquals(List.of("fault NO_TARGET"), scene.lines);
    assertEquals(503, scene.record().status());
    ended();
  }

  @Test
  void aShortWaitEndsInTime() {
    scene.await(5000, this::plan, true);
    Exchange first = scene.exchange;
    scene.pass(10);
    scene.await(7, this::plan, true);
    scene.pass(7);
    assertEquals(List.of("fault NO_TARGET"), scene.lines);
    first.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    ended();
  }

  @Test
  void aClientThatLeavesWaitsNoMore() {
    scene.await(1000, this::plan, false);
    scene.body("abc", false);
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    scene.body("late", true);
    scene.pass(500);
    assertEquals(List.of(), scene.lines);
    assertEquals(0, plans);
    assertEquals(FaultKind.CLIENT_GONE, scene.record().fault().kind());
    ended();
  }

  @Test
  void manyWhoWaitArePlannedAnewTogetherAndInOrder() {
    for (int i = 0; i < 5; i++) {
      scene.await(1000, this::plan, true);
    }
    scene.pass(100);
    assertEquals(10, plans);
    scene.candidates.add(Scene.candidate("a", "n1", 0));
    there = true;
    scene.pass(50);
    assertEquals(5, scene.attempts.size());
    scene.attempts.forEach(attempt -> attempt.head(200, true));
    ended();
  }

  @Test
  void whatIsPlannedInsteadEndsTheWait() {
    scene.await(1000, this::plan, true);
    instead = new Plan.Refuse(Fault.of(FaultKind.UNKNOWN_HOST));
    scene.pass(50);
    assertEquals(List.of("fault UNKNOWN_HOST"), scene.lines);
    scene.await(1000, this::plan, true);
    instead = new Plan.Answer(new ResponseHead(301, new Fields()));
    scene.pass(50);
    assertEquals("head 301 end", scene.lines.getLast());
    assertEquals(301, scene.record().status());
    ended();
  }

  @Test
  void whoIsOneTooManyIsToldAtOnceAndAHostHasItsShare() {
    scene.limits = new ExchangeLimits(10, 10_000, 3, 2, 1, 10);
    for (int i = 0; i < 3; i++) {
      scene.await(100, this::plan, true);
    }
    assertEquals(List.of("fault NO_TARGET"), scene.lines);
    assertEquals(1, scene.count(Counter.AWAITS_REFUSED));
    assertEquals(2, scene.count(Counter.AWAITS));
    scene.pass(200);
    scene.await(100, this::plan, true);
    assertEquals(3, scene.count(Counter.AWAITS));
    scene.pass(200);
    ended();
  }

  @Test
  void aPlannerThatBreaksEndsTheWaitOfItsOwnRequestOnly() {
    scene.await(
        1000,
        () -> {
          throw new IllegalStateException("a bug, for this test");
        },
        true);
    scene.await(100, this::plan, true);
    scene.pass(50);
    assertEquals(List.of("fault NO_TARGET"), scene.lines);
    scene.pass(100);
    assertEquals(List.of("fault NO_TARGET", "fault NO_TARGET"), scene.lines);
    ended();
  }

  @Test
  void placesAreCountedInAllAndByHost() {
    WaitBounds bounds = new WaitBounds(3, 2);
    assertTrue(bounds.enter("a") && bounds.enter("a"));
    assertTrue(!bounds.enter("a"));
    assertTrue(bounds.enter("b"));
    assertTrue(!bounds.enter("c"));
    bounds.leave("a");
    assertTrue(bounds.enter("c"));
    assertEquals(3, bounds.waiting());
  }

  @Test
  void aBodyForWhichThereIsNoRoomEndsTheWait() {
    scene.limits = new ExchangeLimits(10, 600, 10, 10, 1, 10);
    scene.await(1000, this::plan, false);
    scene.body("0123456789", false);
    scene.body("0123456789", false);
    assertEquals(List.of(), scene.lines);
    scene.body("0123456789", false);
    assertEquals(List.of("fault NO_TARGET"), scene.lines);
    assertEquals("no room to hold its body", scene.record().fault().detail());
    ended();
  }

  private void ended() {
    assertEquals(0, scene.inFlight());
    assertEquals(0, scene.keptBytes());
    assertEquals(0, scene.exchanges().inFlight());
    scene.pass(300);
    assertEquals(-1, scene.channel.runScheduledPendingTasks(), "nobody looks any more");
  }
}
