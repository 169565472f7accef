package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.runtime.Counter;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyTest {
  private final Scene scene = new Scene();

  CopyTest() {
    scene.candidate("a", "n1");
    scene.named = true;
  }

  private void copies() {
    scene.copyTo(Scene.candidate("m", "n7", 0), Scene.candidate("n", "n8", 0));
  }

  @Test
  void aCopyGetsWhatTheOriginalGetsAndItsAnswerIsDropped() {
    copies();
    scene.begin(false);
    scene.body("abc", false);
    scene.body("de", true);
    scene.attempt(1).head(500, false);
    scene.attempt(1).body("nobody reads this", true);
    scene.attempt(0).head(200, true);
    assertEquals(
        List.of(
            "open a",
            "open m",
            "m: up abc",
            "a: up abc",
            "m: up de end",
            "a: up de end",
            "m: up consumed 17",
            "head 200 end"),
        scene.lines);
    assertEquals(1, scene.record().attempts());
    assertEquals(1, scene.count(Counter.COPIES));
    ended();
  }

  @Test
  void aCopyThatStallsIsGivenUpAndTheOriginalNoticesNothing() {
    scene.limits = new ExchangeLimits(10, 10_000, 1, 1, 4, 8);
    copies();
    scene.begin(false);
    scene.body("12345", false);
    scene.body("678", false);
    scene.body("9", true);
    assertEquals(List.of("m: cancel", "a: up 9 end"), scene.lines.subList(6, 8));
    scene.attempt(1).events.onRequestSent(3);
    scene.attempt(0).head(200, true);
    assertEquals("head 200 end", scene.lines.getLast());
    assertEquals(1, scene.count(Counter.COPIES_CUT));
    ended();
  }

  @Test
  void aCopyThatKeepsUpIsNotGivenUp() {
    scene.limits = new ExchangeLimits(10, 10_000, 1, 1, 4, 8);
    copies();
    scene.begin(false);
    for (int i = 0; i < 5; i++) {
      scene.body("12345", i == 4);
      scene.attempt(1).events.onRequestSent(5);
    }
    assertTrue(!scene.attempt(1).cancelled);
    scene.attempt(1).events.onResponseTrailers(new Fields());
    scene.attempt(0).head(200, true);
    ended();
  }

  @Test
  void aCopyLivesOnWhenTheOriginalHasItsAnswerButNotForEver() {
    copies();
    scene.timeouts = new Plan.Timeouts(Scene.millis(2000), 0);
    scene.begin(true);
    scene.attempt(0).head(200, true);
    scene.pass(1500);
    assertTrue(!scene.attempt(1).cancelled);
    scene.pass(1000);
    assertTrue(scene.attempt(1).cancelled);
    assertEquals(1, scene.count(Counter.COPIES_CUT));
    ended();
  }

  @Test
  void aCopyOfARequestThatBrokeOffIsGivenUp() {
    copies();
    scene.begin(false);
    scene.body("abc", false);
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    assertEquals(List.of("a: cancel", "m: cancel"), scene.lines.subList(4, 6));
    ended();
  }

  @Test
  void aCopyThatIsRefusedGoesToItsNextCandidateWhileNothingOfTheBodyIsGone() {
    copies();
    scene.begin(false);
    scene.attempt(1).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.body("abc", true);
    scene.attempt(2).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.attempt(0).head(200, true);
    assertEquals(
        List.of("open a", "open m", "open n", "n: up abc end", "a: up abc end", "head 200 end"),
        scene.lines);
    assertEquals(1, scene.count(Counter.COPIES_FAILED));
    ended();
  }

  @Test
  void aCopyThatNobodyTakesIsCountedAndNothingElse() {
    copies();
    scene.begin(true);
    scene.attempt(0).head(200, true);
    scene.attempt(1).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    scene.attempt(2).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    assertEquals(1, scene.count(Counter.COPIES_FAILED));
    ended();
  }

  @Test
  void theProcessCopiesOnlySoMany() {
    scene.limits = new ExchangeLimits(10, 10_000, 1, 1, 1, 8);
    copies();
    copies();
    scene.begin(true);
    assertEquals(List.of("open a end", "open m end"), scene.lines);
    assertEquals(1, scene.count(Counter.COPIES_REFUSED));
    scene.attempt(0).head(200, true);
    scene.attempt(1).head(200, true);
    scene.begin(true);
    assertEquals(2, scene.count(Counter.COPIES));
    scene.attempt(2).head(200, true);
    scene.attempt(3).head(200, true);
    ended();
  }

  @Test
  void aCopyForWhichThereIsNoMemoryIsGivenUp() {
    scene.limits = new ExchangeLimits(10, 2, 1, 1, 4, 8);
    copies();
    scene.begin(false);
    scene.body("abc", true);
    assertTrue(scene.attempt(1).cancelled);
    scene.attempt(0).head(200, true);
    ended();
  }

  @Test
  void aRetryOfTheOriginalCopiesNothingTwice() {
    scene.candidate("b", "n2");
    copies();
    scene.begin(false);
    scene.body("abc", true);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    assertEquals(List.of("open b", "b: up abc end"), scene.lines.subList(4, 6));
    scene.attempt(2).head(200, true);
    scene.attempt(1).head(200, true);
    ended();
  }

  @Test
  void bodyThatWaitedIsCopiedToo() {
    copies();
    scene.await(1000, scene::plan, false);
    scene.body("abc", true);
    scene.candidate("b", "n2");
    scene.pass(50);
    assertEquals(List.of("open a", "a: up abc end", "open m", "m: up abc end"), scene.lines);
    scene.attempt(0).head(200, true);
    scene.attempt(1).head(200, true);
    ended();
  }

  private void ended() {
    assertEquals(0, scene.inFlight());
    assertEquals(0, scene.keptBytes());
    assertEquals(1, Math.min(1, scene.records.size()));
    scene.pass(500);
    assertEquals(-1, scene.channel.runScheduledPendingTasks(), "nothing is swept any more");
  }
}
