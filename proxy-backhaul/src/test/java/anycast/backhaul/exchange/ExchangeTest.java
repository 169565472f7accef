package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.model.ServicePolicy;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ExchangeTest {
  private final Scene scene = new Scene();

  @Test
  void passesHeadsBytesAndTrailersBothWays() {
    scene.candidate("a", "n1");
    scene.begin(false);
    scene.body("hi", false);
    scene.exchange.onRequestTrailers(new Fields());
    scene.attempt(0).head(103, false);
    scene.attempt(0).head(200, false);
    scene.attempt(0).body("yo", false);
    scene.exchange.onResponseSent(2);
    scene.attempt(0).events.onResponseTrailers(new Fields());

    assertEquals(
        List.of(
            "open a",
            "up hi",
            "up trailers",
            "info 103",
            "head 200",
            "down yo",
            "up consumed 2",
            "down trailers"),
        scene.lines);
    assertEquals(0, scene.inFlight());
    ExchangeRecord entry = scene.records.getFirst();
    assertNull(entry.fault());
    assertEquals(2, entry.measure().requestBytes());
    assertEquals(2, entry.measure().responseBytes());
  }

  @Test
  void triesNextCandidateWithTheWholeBodyWhenWorkerRefuses() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n1");
    scene.begin(false);
    scene.body("12345", false);
    scene.body("678", true);
    scene.attempt(0).fails(FaultKind.UNKNOWN_INSTANCE, Scope.EXCHANGE);
    scene.attempt(1).head(200, true);

    assertEquals(
        List.of(
            "open a", "up 12345", "up 678 end", "open b", "up 12345", "up 678 end", "head 200 end"),
        scene.lines);
    assertEquals(2, scene.records.getFirst().attempts());
    assertEquals(0, scene.inFlight());
  }

  @Test
  void bodilessRequestOpensTheNextAttemptEnded() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "open b end"), scene.lines);
  }

  @Test
  void creditsTheClientOnceForBytesThatWereSentTwice() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.begin(false);
    scene.body("12345", false);
    scene.attempt(0).events.onRequestSent(3);
    scene.attempt(0).fails(FaultKind.NOT_PROCESSED, Scope.EXCHANGE);
    scene.attempt(1).events.onRequestSent(5);
    assertEquals(
        List.of("open a", "up 12345", "credit 3", "open b", "up 12345", "credit 2"), scene.lines);
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void anUpstreamThatSendsAtOnceGetsTheKeptBodyInOrder() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.begin(false);
    for (String part : List.of("123456", "789012", "345678")) {
      scene.body(part, false);
    }
    scene.sendsAtOnce = true;
    scene.attempt(0).fails(FaultKind.UNKNOWN_INSTANCE, Scope.EXCHANGE);
    assertEquals(
        List.of("open b", "up 123456", "up 789012", "up 345678", "credit 18"),
        scene.lines.subList(4, scene.lines.size()));
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void givesUpOnceMoreWasSentThanIsKept() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.begin(false);
    scene.body("0123456789ab", false);
    scene.attempt(0).events.onRequestSent(11);
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    assertEquals("fault APP_REFUSED", scene.lines.getLast());
    assertEquals(1, scene.attempts.size());
  }

  @Test
  void neverRetriesWhatTheAppMayHaveSeen() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "fault APP_RESET"), scene.lines);
    assertEquals(0, scene.inFlight());
  }

  @Test
  void neverRetriesOnceTheHeadWentOut() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.begin(true);
    scene.attempt(0).head(200, false);
    scene.attempt(0).fails(FaultKind.NOT_PROCESSED, Scope.EXCHANGE);
    assertEquals(List.of("open a end", "head 200", "fault NOT_PROCESSED"), scene.lines);
  }

  @Test
  void leavesOutCandidatesOfANodeThatCannotBeReached() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n1");
    scene.candidate("c", "n2");
    scene.begin(true);
    scene.attempt(0).fails(FaultKind.NODE_UNREACHABLE, Scope.NODE);
    assertEquals(List.of("open a end", "open c end"), scene.lines);
  }

  @Test
  void skipsAnInstanceAtItsHardLimitWithoutOpening() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.candidates.getFirst().load().begin();
    scene.begin(true);
    assertEquals(List.of("open b end"), scene.lines);
  }

  @Test
  void faultsBeforeOpenReturnsWalkThePlanToItsEnd() {
    scene.candidate("a", "n1");
    scene.candidate("b", "n2");
    scene.failAtOnce = Fault.of(FaultKind.NODE_UNREACHABLE);
    scene.begin(false);
    scene.body("late", true);
    // Once more each, as it may wait now; where that fails at once, it may not.
    assertEquals(
        List.of("open a", "open b", "open a", "open b", "fault NODE_UNREACHABLE"), scene.lines);
    assertEquals(0, scene.inFlight());
  }

  @Test
  void aClientThatLeavesCancelsTheWorkBehindIt() {
    scene.candidate("a", "n1");
    scene.begin(false);
    scene.body("x", false);
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    scene.attempt(0).head(200, false);
    scene.attempt(0).body("late", true);
    assertEquals(List.of("open a", "up x", "cancel"), scene.lines);
    assertEquals(0, scene.inFlight());
    assertEquals(FaultKind.CLIENT_GONE, scene.records.getFirst().fault().kind());
  }

  @Test
  void anAnswerBeforeTheRequestsEndStopsTheRequest() {
    scene.candidate("a", "n1");
    scene.begin(false);
    scene.attempt(0).head(413, true);
    scene.body("still coming", false);
    assertEquals(List.of("open a", "head 413 end", "cancel"), scene.lines);
    assertNull(scene.records.getFirst().fault());
  }

  @Test
  void quietExchangesTimeOutAndBusyOnesDoNot() {
    scene.candidate("a", "n1");
    scene.begin(true);
    sweeps(20);
    scene.attempt(0).head(200, false);
    sweeps(40);
    scene.attempt(0).body("x", false);
    sweeps(59);
    assertFalse(scene.lines.contains("fault EXCHANGE_TIMEOUT"));
    sweeps(3);
    assertTrue(scene.lines.contains("fault EXCHANGE_TIMEOUT"));
    assertTrue(scene.lines.contains("cancel"));
  }

  private void sweeps(int seconds) {
    for (int i = 0; i < 4 * seconds; i++) {
      scene.nowNanos += LiveExchanges.SWEEP_NANOS;
      scene.channel.advanceTimeBy(LiveExchanges.SWEEP_NANOS, TimeUnit.NANOSECONDS);
      scene.channel.runScheduledPendingTasks();
    }
  }

  /// Whatever happens in whatever order: one ending, no load left, no attempt left open, no byte
  /// held.
  @Property(tries = 1000)
  void everyStoryHasOneEnding(@ForAll long seed) {
    Random random = new Random(seed);
    Scene story = new Scene();
    for (int i = 0; i < 3; i++) {
      story.candidate("i" + i, "n" + random.nextInt(2));
    }
    terms(story, random);
    boolean end = random.nextBoolean();
    if (random.nextInt(4) == 0) {
      story.await(100, () -> random.nextBoolean() ? story.plan() : again(story), end);
    } else {
      story.begin(end);
    }
    for (int i = 0; i < 16; i++) {
      step(story, random);
    }
    story.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    story.timeouts = new Plan.Timeouts(1, 1);
    story.pass(500);
    for (Scene.FakeUpstream copy : story.attempts) {
      if (!copy.failed) {
        copy.fails(FaultKind.LINK_LOST, Scope.EXCHANGE);
      }
    }
    assertEquals(1, story.records.size());
    assertEquals(0, story.inFlight());
    assertEquals(0, story.keptBytes());
    assertEquals(0, story.exchanges().inFlight());
    long faults = story.lines.stream().filter(l -> l.startsWith("fault")).count();
    assertTrue(faults <= 1, () -> "two endings: " + story.lines);
  }

  private static Plan again(Scene story) {
    return story.wait(100, story::plan);
  }

  private static void terms(Scene story, Random random) {
    story.method = random.nextBoolean() ? "PUT" : "POST";
    story.window = random.nextInt(3) * 5;
    story.sendsAtOnce = random.nextInt(4) == 0;
    story.retry =
        new ServicePolicy.Retry(
            3, random.nextBoolean() ? 0 : Scene.millis(20), 20, 10, List.of(503));
    story.hedge = new ServicePolicy.Hedge(random.nextBoolean() ? 0 : Scene.millis(10), 0);
    story.queueNanos = random.nextBoolean() ? 0 : Scene.millis(20);
    story.limits = new ExchangeLimits(12, 2000, 4, 4, 4, 9);
    if (random.nextInt(3) == 0) {
      story.timeouts = new Plan.Timeouts(Scene.millis(300), Scene.millis(300), Scene.millis(50), 0);
    }
    if (random.nextInt(3) == 0) {
      story.copyTo(Scene.candidate("m", "n7", 0), Scene.candidate("n", "n8", 0));
    }
  }

  @Test
  void thePlansEditsComeAfterTheProcesss() {
    Scene edited = new Scene();
    edited.candidate("a", "n1");
    edited.edits = (head, arrival) -> head.fields().set(AsciiString.of("by"), "plan");
    edited.begin(true);
    ResponseHead head = new ResponseHead(200, new Fields());
    edited.attempt(0).events.onResponseHead(head, true);
    assertEquals(1, head.fields().size());
    assertEquals("plan", head.fields().text(AsciiString.of("by")));
  }

  private static void step(Scene story, Random random) {
    if (random.nextInt(3) == 0) {
      story.pass(random.nextInt(40));
    }
    if (random.nextInt(5) < 2) {
      if (!story.requestEnded) {
        story.body("abcd", random.nextInt(4) == 0);
      }
      return;
    }
    if (story.attempts.isEmpty()) {
      return;
    }
    FaultKind[] kinds = FaultKind.values();
    int newestOrOlder = Math.max(0, story.attempts.size() - 1 - random.nextInt(2));
    Scene.FakeUpstream one = story.attempts.get(newestOrOlder);
    switch (random.nextInt(6)) {
      case 0 -> one.head(List.of(200, 503, 103).get(random.nextInt(3)), random.nextInt(4) == 0);
      case 1 -> one.body("data", random.nextInt(4) == 0);
      case 2, 3 -> {
        if (!one.failed) {
          one.fails(kinds[random.nextInt(kinds.length)], Scope.EXCHANGE);
        }
      }
      case 4 -> one.events.onRequestSent(2);
      case 5 -> story.exchange.onResponseSent(1);
      default -> throw new AssertionError();
    }
  }
}
