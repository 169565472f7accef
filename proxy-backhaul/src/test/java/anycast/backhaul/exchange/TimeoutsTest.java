package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.routing.model.ServicePolicy.Retry;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The sweep's timeouts are in [ExchangeTest].
class TimeoutsTest {
  private final Scene scene = new Scene();

  TimeoutsTest() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.method = "GET";
    scene.named = true;
  }

  @Test
  void anAttemptThatTakesTooLongIsGivenUpForTheNext() {
    scene.retry = new Retry(3, Scene.millis(20), 20, 10, List.of());
    scene.begin(true);
    scene.pass(19);
    assertEquals(List.of("open a end"), scene.lines);
    scene.pass(1);
    assertEquals(List.of("open a end", "a: cancel", "open b end"), scene.lines);
    scene.pass(19);
    scene.attempt(1).head(200, false);
    scene.pass(100);
    scene.attempt(1).body("x", true);
    assertEquals(List.of("head 200", "down x end"), scene.lines.subList(3, 5));
    assertEquals(List.of("a:PU09", "b:200"), scene.tries());
    assertEquals(0, scene.inFlight());
  }

  @Test
  void theLastAttemptsTimeIsTheEnd() {
    scene.retry = new Retry(3, Scene.millis(20), 20, 10, List.of());
    scene.begin(true);
    scene.pass(40);
    assertEquals("fault TRY_TIMEOUT", scene.lines.getLast());
    assertEquals(List.of("a:PU09", "b:PU09"), scene.tries());
    assertEquals(504, scene.record().status());
    assertEquals(0, scene.inFlight());
  }

  @Test
  void aPostWhoseAttemptTakesTooLongIsNotTriedAgain() {
    scene.method = "POST";
    scene.retry = new Retry(3, Scene.millis(20), 20, 10, List.of());
    scene.begin(true);
    scene.pass(20);
    assertEquals(List.of("open a end", "a: cancel", "fault TRY_TIMEOUT"), scene.lines);
  }

  @Test
  void anAttemptThatMayWaitForRoomHasThatTimeBeside() {
    scene.retry = new Retry(3, Scene.millis(20), 20, 10, List.of());
    scene.queueNanos = Scene.millis(50);
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    scene.attempt(1).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    scene.pass(69);
    assertEquals("open a end", scene.lines.getLast());
    scene.pass(1);
    assertEquals("fault TRY_TIMEOUT", scene.lines.getLast());
  }

  @Test
  void allAttemptsTogetherHaveTheTotalTime() {
    scene.timeouts = new Plan.Timeouts(0, 0, Scene.millis(50), 0);
    scene.begin(true);
    scene.pass(30);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.pass(19);
    assertEquals("open b end", scene.lines.getLast());
    scene.pass(1);
    assertEquals(List.of("b: cancel", "fault TOTAL_TIMEOUT"), scene.lines.subList(2, 4));
    assertEquals(List.of("a:PC01", "b:PU08"), scene.tries());
    assertEquals(504, scene.record().status());
    assertEquals(0, scene.inFlight());
  }

  @Test
  void anInstanceIsBlamedForTimeOnlyWhereItHadTheWholeRequest() {
    scene.method = "PUT";
    scene.timeouts = new Plan.Timeouts(0, 0, Scene.millis(50), 0);
    scene.retry = new Retry(3, Scene.millis(20), 20, 10, List.of());
    scene.begin(false);
    scene.body("ab", false);
    scene.pass(20);
    assertEquals("b: up ab", scene.lines.getLast());
    assertEquals(-1, scene.candidates.get(0).load().latencyNanos(scene.nowNanos));
    scene.body("c", true);
    scene.pass(20);
    assertEquals("fault TRY_TIMEOUT", scene.lines.getLast());
    assertTrue(scene.candidates.get(1).load().latencyNanos(scene.nowNanos) > 0);

    scene.retry = Retry.USUAL;
    scene.begin(false);
    scene.pass(50);
    assertEquals("fault TOTAL_TIMEOUT", scene.lines.getLast());
    assertEquals(-1, scene.candidates.get(0).load().latencyNanos(scene.nowNanos));
  }

  @Test
  void theTotalTimeEndsWithTheHead() {
    scene.timeouts = new Plan.Timeouts(0, 0, Scene.millis(50), 0);
    scene.begin(true);
    scene.pass(49);
    scene.attempt(0).head(200, false);
    scene.pass(500);
    scene.attempt(0).body("x", true);
    assertEquals("down x end", scene.lines.getLast());
  }

  @Test
  void informationalHeadsDoNotStopTheClock() {
    scene.timeouts = new Plan.Timeouts(0, 0, Scene.millis(50), 0);
    scene.begin(true);
    scene.pass(49);
    scene.attempt(0).head(103, false);
    scene.pass(1);
    assertEquals("fault TOTAL_TIMEOUT", scene.lines.getLast());
  }

  @Test
  void theConnectorIsToldHowLongAConnectionMayTake() {
    scene.timeouts = new Plan.Timeouts(0, 0, 0, 7);
    scene.begin(true);
    assertEquals(7, scene.connector.asked.getFirst().connectNanos());
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void noTimerIsLeftBehind() {
    scene.timeouts = new Plan.Timeouts(0, 0, Scene.millis(50_000), 0);
    scene.begin(true);
    scene.attempt(0).head(200, true);
    scene.pass(300);
    assertEquals(-1, scene.channel.runScheduledPendingTasks());
  }
}
