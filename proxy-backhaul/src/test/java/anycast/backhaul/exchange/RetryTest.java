package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.runtime.Counter;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.ServicePolicy.Retry;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Locality;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Picker;
import io.netty.util.AsciiString;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {
  private final Scene scene = new Scene();

  RetryTest() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.candidate("c", "n3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
  void anIdempotentRequestIsTriedAgainThoughTheAppMayHaveSeenIt(String method) {
    scene.method = method;
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    scene.attempt(1).head(200, true);
    assertEquals(List.of("open a end", "open b end", "head 200 end"), scene.lines);
    assertEquals(List.of("a:PC03", "b:200"), scene.tries());
    assertEquals(0, scene.inFlight());
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH", "CONNECT", "TRACE", "get"})
  void anyOtherIsNot(String method) {
    scene.method = method;
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "fault APP_RESET"), scene.lines);
  }

  @Test
  void anUpgradeIsNot() {
    scene.method = "GET";
    scene.upgrade = AsciiString.of("websocket");
    scene.begin(false);
    scene.attempt(0).fails(FaultKind.LINK_LOST, Scope.EXCHANGE);
    assertEquals("fault LINK_LOST", scene.lines.getLast());
  }

  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void eachFaultOfAnIdempotentRequestHasItsVerdict(FaultKind kind) {
    scene.method = "GET";
    scene.begin(true);
    scene.attempt(0).fails(kind, Scope.EXCHANGE);
    boolean again =
        switch (kind.side()) {
          case CLIENT -> false;
          case EDGE -> kind.retry() == FaultKind.Retry.SAFE || kind == FaultKind.TRY_TIMEOUT;
          case BACKHAUL, WORKER -> true;
          case APP -> kind != FaultKind.APP_NO_UPGRADE;
        };
    assertEquals(again ? "open b end" : "fault " + kind, scene.lines.getLast());
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void eachFaultOfAPostHasItsVerdict(FaultKind kind) {
    scene.begin(true);
    scene.attempt(0).fails(kind, Scope.EXCHANGE);
    boolean again = kind.retry() == FaultKind.Retry.SAFE;
    assertEquals(again ? "open b end" : "fault " + kind, scene.lines.getLast());
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void attemptsThatTheAppMayHaveSeenAreCountedToTheirBound() {
    scene.method = "GET";
    scene.retry = new Retry(2, 0, 100, 100, List.of());
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    scene.attempt(1).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "open b end", "fault APP_RESET"), scene.lines);
    assertEquals(1, scene.count(Counter.RETRIES_EXHAUSTED));
  }

  @Test
  void aServiceWithoutBudgetLeftFailsAtOnceAndSaysSo() {
    scene.method = "GET";
    scene.retry = new Retry(3, 0, 0, 1, List.of());
    assertTrue(scene.stats.tryRetry(0, 1, scene.nowNanos));
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.LINK_LOST, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "fault LINK_LOST"), scene.lines);
    assertEquals(1, scene.count(Counter.RETRIES_OVER_BUDGET));
    assertEquals(
        "not tried again: too many retries of this service", scene.record().fault().detail());
  }

  @Test
  void aProvenRefusalCostsTheBudgetNothing() {
    scene.retry = new Retry(3, 0, 0, 0, List.of());
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.attempt(1).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    scene.attempt(2).head(200, true);
    assertEquals(List.of("open a end", "open b end", "open c end", "head 200 end"), scene.lines);
    assertEquals(List.of("a:PC01", "b:PL02", "c:200"), scene.tries());
  }

  @Test
  void eachRequestEarnsItsShareOfTheBudget() {
    scene.method = "GET";
    scene.retry = new Retry(3, 0, 20, 0, List.of());
    for (int i = 0; i < 5; i++) {
      scene.begin(true);
      scene.attempts.getLast().head(200, true);
    }
    scene.begin(true);
    scene.attempts.getLast().fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals("open b end", scene.lines.getLast());
    scene.attempts.getLast().fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals("fault APP_RESET", scene.lines.getLast(), "a fifth of six is one");
  }

  @Test
  void anUnwantedStatusIsTriedAgainAndTheClientSeesNothingOfIt() {
    scene.method = "GET";
    scene.named = true;
    scene.retry = new Retry(3, 0, 20, 10, List.of(503));
    scene.begin(true);
    scene.attempt(0).head(503, false);
    scene.attempt(0).body("sorry", true);
    scene.attempt(1).head(200, true);
    assertEquals(List.of("open a end", "a: cancel", "open b end", "head 200 end"), scene.lines);
    assertEquals(List.of("a:503", "b:200"), scene.tries());
    assertNull(scene.record().fault());
    assertEquals(0, scene.inFlight());
  }

  @Test
  void nothingBeginsWhereTheClientLeavesWhileAnAnswerIsGivenUp() {
    scene.method = "GET";
    scene.retry = new Retry(3, 0, 20, 10, List.of(503));
    scene.begin(true);
    scene.attempt(0).whenCancelled =
        () -> scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    scene.attempt(0).head(503, false);
    assertEquals(List.of("open a end", "cancel"), scene.lines);
    assertEquals(0, scene.inFlight());
    assertEquals(1, scene.records.size());
  }

  @Test
  void anAttemptIsCancelledWhoseClientLeftWhileItWasOpened() {
    scene.method = "GET";
    scene.begin(true);
    scene.whenOpened = () -> scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "open b end", "cancel"), scene.lines);
    assertEquals(0, scene.inFlight());
    assertEquals(1, scene.records.size());
  }

  @ParameterizedTest
  @EnumSource(
      value = FaultKind.class,
      names = {"BAD_REQUEST", "CLIENT_STALLED", "REQUEST_TIMEOUT", "APP_NO_UPGRADE", "LOOP"})
  void whatAClientCanBringAboutAloneTeachesNothingOfTheInstance(FaultKind kind) {
    scene.begin(true);
    scene.attempt(0).fails(kind, Scope.EXCHANGE);
    assertEquals(Standing.AS_NEW, standing(scene.candidates.getFirst()));
  }

  @Test
  void aRefusalAndAFailureTeach() {
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    scene.attempt(1).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals(Standing.REFUSED, standing(scene.candidates.get(0)));
    assertEquals(Standing.FAILED, standing(scene.candidates.get(1)));
  }

  private enum Standing {
    AS_NEW,
    REFUSED,
    FAILED
  }

  /// What a picker makes of it beside one of which nothing is known.
  private Standing standing(Candidate candidate) {
    if (candidate.load().latencyNanos(scene.nowNanos) >= 0) {
      return Standing.FAILED;
    }
    Candidate unknown = Scene.candidate("unknown", "n1", 1);
    Picker picker =
        Picker.of(
            new Locality(new NodeId("edge"), new RegionCode("fra")),
            candidate.service(),
            List.of(candidate, unknown));
    for (int random = 0; random < 64; random++) {
      PickResult picked = picker.pick(PickRequest.of(1, scene.nowNanos, random));
      if (((PickResult.Picked) picked).candidates().getFirst() == candidate) {
        return Standing.AS_NEW;
      }
    }
    return Standing.REFUSED;
  }

  @Test
  void anUnwantedStatusGoesToTheClientWhereNobodyIsLeft() {
    scene.method = "GET";
    scene.retry = new Retry(2, 0, 20, 10, List.of(503));
    scene.begin(true);
    scene.attempt(0).head(503, true);
    scene.attempt(1).head(503, false);
    scene.attempt(1).body("sorry", true);
    assertEquals(
        List.of("open a end", "cancel", "open b end", "head 503", "down sorry end"), scene.lines);
  }

  @Test
  void anUnwantedStatusGoesToTheClientWhereTheBudgetIsUsedUp() {
    scene.method = "GET";
    scene.retry = new Retry(3, 0, 0, 0, List.of(503));
    scene.begin(true);
    scene.attempt(0).head(503, true);
    assertEquals(List.of("open a end", "head 503 end"), scene.lines);
    assertEquals(1, scene.count(Counter.RETRIES_OVER_BUDGET));
  }

  @Test
  void anUnwantedStatusOfAPostGoesToTheClient() {
    scene.retry = new Retry(3, 0, 20, 10, List.of(503));
    scene.begin(true);
    scene.attempt(0).head(503, true);
    assertEquals(List.of("open a end", "head 503 end"), scene.lines);
  }

  @Test
  void faultsBeforeOpenReturnsAreFollowedWithoutEnd() {
    scene.method = "GET";
    scene.failAtOnce = Fault.of(FaultKind.LINK_LOST);
    scene.begin(true);
    assertEquals(List.of("open a end", "open b end", "open c end", "fault LINK_LOST"), scene.lines);
    assertEquals(0, scene.inFlight());
    assertEquals(1, scene.records.size());
  }

  @Test
  void aWholeFullPlanWaitsForRoomAtItsBest() {
    scene.queueNanos = Scene.millis(700);
    scene.begin(false);
    scene.body("x", true);
    for (int i = 0; i < 3; i++) {
      scene.attempt(i).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    }
    assertEquals("open a", scene.lines.get(6));
    assertEquals(0, scene.connector.asked.get(2).queueNanos());
    assertEquals(Scene.millis(700), scene.connector.asked.get(3).queueNanos());
    scene.attempt(3).fails(FaultKind.QUEUE_TIMEOUT, Scope.EXCHANGE);
    assertEquals("fault QUEUE_TIMEOUT", scene.lines.getLast());
    assertEquals(List.of("a:PL02", "b:PL02", "c:PL02", "a:PL03"), scene.tries());
    assertEquals(0, scene.inFlight());
    assertEquals(0, scene.keptBytes());
  }

  @Test
  void aPlanOfOneWaitsForRoomAtOnce() {
    scene.candidates.subList(1, 3).clear();
    scene.queueNanos = Scene.millis(700);
    scene.begin(true);
    assertEquals(Scene.millis(700), scene.connector.asked.getFirst().queueNanos());
    scene.attempt(0).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "fault AT_HARD_LIMIT"), scene.lines);
  }

  @Test
  void thatWaitIsNoLongerThanWhatIsLeftOfTheTotalTime() {
    scene.queueNanos = Scene.millis(700);
    scene.timeouts = new Plan.Timeouts(0, 0, Scene.millis(500), 0);
    scene.begin(true);
    scene.pass(100);
    for (int i = 0; i < 3; i++) {
      scene.attempt(i).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    }
    assertEquals(Scene.millis(400), scene.connector.asked.get(3).queueNanos());
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void nobodyQueuesWhereOneOfThemWasNotFullButDown() {
    scene.queueNanos = Scene.millis(700);
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.attempt(1).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    scene.attempt(2).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    assertEquals("fault AT_HARD_LIMIT", scene.lines.getLast());
  }

  private long patience(int asked) {
    return scene.connector.asked.get(asked).patienceNanos();
  }

  @Test
  void othersAreAskedBeforeAnybodyIsWaitedFor() {
    scene.begin(false);
    scene.body("x", true);
    for (int i = 0; i < 3; i++) {
      assertEquals(0, patience(i));
      scene.pass(250);
      scene.attempt(i).fails(FaultKind.NODE_SLOW, Scope.NODE);
    }
    assertEquals(List.of("open a", "up x end"), scene.lines.subList(6, 8));
    for (int i = 3; i < 6; i++) {
      assertEquals(CandidateWalk.TURN_NANOS, patience(i), "each waits its turn");
      scene.pass(500);
      scene.attempt(i).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    }
    scene.attempt(6).head(200, true);
    assertEquals("head 200 end", scene.lines.getLast());
    assertEquals(
        List.of("a:PH31", "b:PH31", "c:PH31", "a:PU03", "b:PU03", "c:PU03", "a:200"),
        scene.tries());
    assertEquals(0, scene.inFlight());
    assertEquals(0, scene.keptBytes());
  }

  @Test
  void aPlanOfOneWaitsForItsNodeAtOnceAndNotForEver() {
    scene.candidates.subList(1, 3).clear();
    scene.begin(true);
    assertEquals(CandidateWalk.PATIENCE_NANOS, patience(0));
    scene.pass(4_000); // its address changed, say
    scene.attempt(0).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    assertEquals(CandidateWalk.PATIENCE_NANOS - Scene.millis(4_000), patience(1));
    scene.pass(6_000);
    scene.attempt(1).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    assertEquals(List.of("open a end", "open a end", "fault NODE_UNREACHABLE"), scene.lines);
  }

  @Test
  void whoWasAwayIsAskedOnceMoreWhenTheLinkToTheLastIsLost() {
    scene.method = "GET";
    scene.begin(true);
    scene.pass(250);
    scene.attempt(0).fails(FaultKind.NODE_SLOW, Scope.NODE);
    scene.pass(250);
    scene.attempt(1).fails(FaultKind.NODE_SLOW, Scope.NODE);
    scene.attempt(2).fails(FaultKind.LINK_LOST, Scope.CONNECTION);
    assertEquals("open a end", scene.lines.getLast());
    assertEquals(CandidateWalk.TURN_NANOS, patience(3));
    scene.attempt(3).head(200, true);
    assertEquals("head 200 end", scene.lines.getLast());
  }

  @Test
  void whoDoesNotLetItWaitIsNotAskedAgain() {
    scene.candidates.subList(1, 3).clear();
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    assertEquals(List.of("open a end", "fault NODE_UNREACHABLE"), scene.lines);
  }

  @Test
  void aLastCandidateIsWaitedForWhereTheOthersWereThere() {
    scene.method = "GET";
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.LINK_LOST, Scope.CONNECTION);
    scene.attempt(1).fails(FaultKind.NOT_PROCESSED, Scope.EXCHANGE);
    assertEquals(0, patience(1));
    assertEquals(CandidateWalk.PATIENCE_NANOS, patience(2));
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void nobodyIsWaitedForWhereAnotherAnsweredIfOnlyNo() {
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.NODE_SLOW, Scope.NODE);
    scene.attempt(1).fails(FaultKind.AT_HARD_LIMIT, Scope.EXCHANGE);
    scene.attempt(2).fails(FaultKind.NODE_SLOW, Scope.NODE);
    assertEquals("fault NODE_SLOW", scene.lines.getLast());
    assertEquals(3, scene.attempts.size());
  }

  @Test
  void aSlowDialSaysNothingOfTheWayAndARefusedOneDoes() {
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.NODE_SLOW, Scope.NODE);
    scene.attempt(1).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    assertFalse(scene.candidates.get(0).path().failing());
    assertTrue(scene.candidates.get(1).path().failing());
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void theRecordSaysWhatWasDecidedAndTried() {
    scene.method = "GET";
    scene.begin(true);
    scene.pass(3);
    scene.attempt(0).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    scene.pass(5);
    scene.attempt(1).head(200, true);
    ExchangeRecord told = scene.record();
    assertEquals(scene.candidates, told.decided());
    assertEquals(2, told.attempts());
    assertEquals("b", told.last().instance().id().value());
    assertEquals(Scene.millis(3), told.tries().get(0).nanos());
    assertEquals(Scene.millis(5), told.tries().get(1).nanos());
  }

  @Test
  void logThatWantsFaultsOnlyIsAskedAgainAfterARetry() {
    boolean[] told = new boolean[1];
    scene.log =
        new ExchangeLog() {
          @Override
          public boolean wants(boolean faulty) {
            return faulty;
          }

          @Override
          public boolean wantsRetried() {
            return true;
          }

          @Override
          public void ended(ExchangeRecord entry) {
            told[0] = true;
          }
        };
    scene.begin(true);
    scene.attempt(0).head(200, true);
    assertFalse(told[0]);
    scene.begin(true);
    scene.attempt(1).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    scene.attempt(2).head(200, true);
    assertTrue(told[0]);
  }
}
