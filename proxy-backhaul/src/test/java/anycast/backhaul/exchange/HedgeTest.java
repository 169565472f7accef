package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.runtime.Counter;
import anycast.routing.model.ServicePolicy.Hedge;
import anycast.routing.model.ServicePolicy.Retry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HedgeTest {
  private final Scene scene = new Scene();

  HedgeTest() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n1");
    scene.candidate("c", "n2");
    scene.method = "GET";
    scene.named = true;
    scene.hedge = new Hedge(Scene.millis(10), 0);
  }

  @AfterEach
  void nothingIsLeft() {
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    assertEquals(1, scene.records.size());
    assertEquals(0, scene.inFlight());
    assertEquals(0, scene.keptBytes());
  }

  @Test
  void aSlowAttemptGetsOneBesideItOnAnotherNode() {
    scene.begin(true);
    scene.pass(9);
    assertEquals(List.of("open a end"), scene.lines);
    scene.pass(1);
    assertEquals(List.of("open a end", "open c end"), scene.lines);
    scene.pass(100);
    assertEquals(2, scene.lines.size(), "one hedge, not more");
    assertEquals(1, scene.count(Counter.HEDGES));
  }

  @Test
  void theHedgeWinsAndTheFirstIsCancelled() {
    scene.begin(true);
    scene.pass(10);
    scene.attempt(1).head(200, false);
    assertEquals(List.of("a: cancel", "head 200"), scene.lines.subList(2, 4));
    scene.attempt(0).head(200, true);
    scene.attempt(1).body("x", true);
    assertEquals("down x end", scene.lines.getLast());
    assertEquals(List.of("a:-", "c:200"), scene.tries());
    assertEquals("c", scene.record().last().instance().id().value());
    assertEquals(1, scene.count(Counter.HEDGES_WON));
  }

  @Test
  void theFirstWinsAndTheHedgeIsCancelled() {
    scene.begin(true);
    scene.pass(10);
    scene.attempt(0).head(200, true);
    scene.attempt(1).head(200, true);
    scene.attempt(1).body("late", true);
    assertEquals(List.of("c: cancel", "head 200 end"), scene.lines.subList(2, 4));
    assertEquals(4, scene.lines.size());
    assertEquals("a", scene.record().last().instance().id().value());
    assertEquals(0, scene.count(Counter.HEDGES_WON));
  }

  @Test
  void whenOneOfThemFailsTheOtherGoesOn() {
    scene.begin(true);
    scene.pass(10);
    scene.attempt(0).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals(2, scene.lines.size());
    scene.attempt(1).head(200, true);
    assertEquals("head 200 end", scene.lines.getLast());
    assertEquals(List.of("a:PC03", "c:200"), scene.tries());
  }

  @Test
  void whenTheHedgeFailsTheFirstGoesOn() {
    scene.begin(true);
    scene.pass(10);
    scene.attempt(1).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    assertEquals(2, scene.lines.size());
    scene.attempt(0).head(200, true);
    assertEquals("head 200 end", scene.lines.getLast());
  }

  @Test
  void whenBothFailTheNextFollowsTheSecondFault() {
    scene.begin(true);
    scene.pass(10);
    scene.attempt(1).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    scene.attempt(0).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals("open b end", scene.lines.getLast());
    scene.attempt(2).head(200, true);
    assertEquals(List.of("c:PC03", "a:PC03", "b:200"), scene.tries());
  }

  @Test
  void aHedgeThatFailsBeforeItIsOpenLeavesTheFirstAlone() {
    scene.begin(true);
    scene.failAtOnce = Fault.of(FaultKind.NODE_UNREACHABLE);
    scene.pass(10);
    scene.attempt(0).head(200, true);
    assertEquals(List.of("open a end", "open c end", "head 200 end"), scene.lines);
  }

  @Test
  void anUnwantedAnswerLeavesTheOtherAlone() {
    scene.retry = new Retry(3, 0, 20, 10, List.of(503));
    scene.begin(true);
    scene.pass(10);
    scene.attempt(0).head(503, true);
    assertEquals("a: cancel", scene.lines.getLast());
    scene.attempt(1).head(200, true);
    assertEquals("head 200 end", scene.lines.getLast());
    assertEquals(List.of("a:503", "c:200"), scene.tries());
  }

  @Test
  void aClientThatLeavesCancelsBoth() {
    scene.begin(true);
    scene.pass(10);
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    assertEquals(List.of("c: cancel", "a: cancel"), scene.lines.subList(2, 4));
  }

  @Test
  void eachOfThemHasItsTime() {
    scene.retry = new Retry(3, Scene.millis(30), 20, 10, List.of());
    scene.begin(true);
    scene.pass(30);
    assertEquals("a: cancel", scene.lines.getLast());
    scene.pass(10);
    assertEquals(List.of("c: cancel", "open b end"), scene.lines.subList(3, 5));
  }

  @Test
  void noBudgetNoHedge() {
    scene.retry = new Retry(3, 0, 0, 0, List.of());
    scene.begin(true);
    scene.pass(100);
    assertEquals(List.of("open a end"), scene.lines);
    assertEquals(1, scene.count(Counter.RETRIES_OVER_BUDGET));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH"})
  void onlyWhatMayBeSentTwiceIsHedged(String method) {
    scene.method = method;
    scene.begin(true);
    scene.pass(100);
    assertEquals(List.of("open a end"), scene.lines);
  }

  @Test
  void aBodyThatIsStillComingIsNotHedged() {
    scene.method = "PUT";
    scene.begin(false);
    scene.body("ab", false);
    scene.pass(100);
    assertEquals(List.of("open a", "a: up ab"), scene.lines);
  }

  @Test
  void aWholeBodyGoesIntoBothAndIsCreditedOnce() {
    scene.method = "PUT";
    scene.sendsAtOnce = true;
    scene.begin(false);
    scene.body("ab", true);
    scene.pass(10);
    assertEquals(
        List.of("open a", "a: up ab end", "credit 2", "open c", "c: up ab end"), scene.lines);
  }

  @Test
  void theQuantileOfRecentLatenciesIsTheDelay() {
    scene.hedge = new Hedge(0, 90);
    scene.stats.latencyNanos(90);
    for (int i = 0; i < 200; i++) {
      scene.stats.onLatency(Scene.millis(20));
    }
    scene.begin(true);
    scene.pass(19);
    assertEquals(1, scene.lines.size());
    scene.pass(5);
    assertEquals(2, scene.lines.size());
  }

  @Test
  void whileLatenciesAreUnknownNobodyIsHedged() {
    scene.hedge = new Hedge(0, 90);
    scene.begin(true);
    scene.pass(500);
    assertEquals(1, scene.lines.size());
  }

  @Test
  void aRetryBeforeTheHedgeStartsTheDelayAnew() {
    scene.begin(true);
    scene.pass(8);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.pass(9);
    assertEquals(List.of("open a end", "open b end"), scene.lines);
    scene.pass(1);
    assertEquals("open c end", scene.lines.getLast());
  }
}
