package anycast.backhaul.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.Fault.Scope;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.runtime.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeptBodyTest {
  private final Scene scene = new Scene();

  KeptBodyTest() {
    scene.candidates.add(Scene.candidate("a", "n1", 0));
    scene.candidates.add(Scene.candidate("b", "n2", 0));
    scene.limits = new ExchangeLimits(20, 10_000, 1, 1, 1, 1);
    scene.window = 10;
  }

  @Test
  void whatTheAppTookOfAnIdempotentRequestIsSentAgainUpToTheBound() {
    scene.method = "PUT";
    scene.begin(false);
    scene.body("0123456789abcdefghij", false);
    scene.attempt(0).events.onRequestSent(20);
    scene.attempt(0).fails(FaultKind.APP_RESET, Scope.EXCHANGE);
    scene.body("k", true);
    scene.attempt(1).head(200, true);
    assertEquals(
        List.of(
            "open a",
            "up 0123456789abcdefghij",
            "credit 20",
            "open b",
            "up 0123456789abcdefghij",
            "up k end",
            "head 200 end"),
        scene.lines);
    assertEquals(0, scene.keptBytes());
  }

  @Test
  void beyondTheBoundTheNextFaultIsFinalAndSaysWhy() {
    scene.method = "PUT";
    scene.begin(false);
    scene.body("0123456789abcdefghijk", false);
    scene.attempt(0).events.onRequestSent(20);
    assertTrue(scene.keptBytes() > 0);
    scene.attempt(0).events.onRequestSent(1);
    assertEquals(0, scene.keptBytes(), "dropped when it cannot be of use any more");
    scene.attempt(0).fails(FaultKind.LINK_LOST, Scope.EXCHANGE);
    assertEquals("fault LINK_LOST", scene.lines.getLast());
    assertEquals("not tried again: the body was not kept", scene.record().fault().detail());
    assertEquals(1, scene.count(Counter.BODIES_NOT_KEPT));
  }

  @Test
  void ofOtherRequestsOnlyWhatAWorkerMayRefuseIsKept() {
    scene.begin(false);
    scene.body("0123456789a", false);
    assertTrue(scene.keptBytes() > 0);
    scene.attempt(0).events.onRequestSent(11);
    assertEquals(0, scene.keptBytes());
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void theHeadOfAResponseEndsTheKeeping() {
    scene.begin(false);
    scene.body("abc", false);
    scene.attempt(0).head(200, false);
    assertEquals(0, scene.keptBytes());
    scene.body("def", true);
    assertEquals(0, scene.keptBytes());
    scene.attempt(0).body("x", true);
  }

  @Test
  void oneCandidateAloneIsReasonForNoCopy() {
    scene.candidates.removeLast();
    scene.begin(false);
    scene.body("abc", true);
    assertEquals(0, scene.keptBytes());
    scene.attempt(0).head(200, true);
  }

  @Test
  void aProcessThatHoldsTooMuchKeepsNothingMoreAndGoesOn() {
    scene.limits = new ExchangeLimits(2000, 1000, 1, 1, 1, 1);
    scene.begin(false);
    scene.body("0".repeat(700), false);
    Exchange first = scene.exchange;
    scene.begin(false);
    scene.body("1".repeat(100), true);
    assertEquals("up " + "1".repeat(100) + " end", scene.lines.getLast());
    assertEquals(700 + Replay.PIECE_BYTES, scene.keptBytes());
    scene.attempt(1).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    assertEquals("fault APP_REFUSED", scene.lines.getLast());
    assertEquals(1, scene.count(Counter.BODIES_NOT_KEPT));
    first.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
    assertEquals(0, scene.keptBytes());
    scene.begin(false);
    scene.body("1".repeat(100), true);
    assertTrue(scene.keptBytes() > 0, "there is room again");
    scene.exchange.onDownstreamGone(Fault.of(FaultKind.CLIENT_GONE));
  }

  @Test
  void trailersAreSentAgain() {
    scene.begin(false);
    scene.body("abc", false);
    scene.exchange.onRequestTrailers(new Fields());
    scene.attempt(0).fails(FaultKind.APP_REFUSED, Scope.EXCHANGE);
    assertEquals(List.of("open b", "up abc", "up trailers"), scene.lines.subList(3, 6));
    scene.attempt(1).head(200, true);
  }

  @Test
  void eachPieceHasItsPriceAndEveryReferenceComesBack() {
    KeptBytes budget = new KeptBytes(3L * (Replay.PIECE_BYTES + 1));
    Replay replay = new Replay(budget);
    ByteBuf piece = Unpooled.buffer(1).writeByte(1);
    for (int i = 0; i < 3; i++) {
      assertTrue(replay.keep(piece));
    }
    assertEquals(4, piece.refCnt());
    assertFalse(replay.keep(piece));
    assertFalse(replay.whole());
    assertEquals(1, piece.refCnt());
    assertEquals(0, budget.held());
    assertTrue(replay.keep(piece), "it does not matter any more");
    replay.drop();
    assertEquals(0, budget.held());
    piece.release();
  }

  @Test
  void loopsTogetherHoldNoMoreThanTheLimit() throws Exception {
    KeptBytes budget = new KeptBytes(1000);
    List<Future<Integer>> taken = new ArrayList<>();
    try (ExecutorService loops = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        taken.add(
            loops.submit(() -> {
              int got = 0;
              for (int j = 0; j < 1000; j++) {
                got += budget.take(3) ? 3 : 0;
              }
              return got;
            }));
      }
      int sum = 0;
      for (Future<Integer> each : taken) {
        sum += each.get(30, TimeUnit.SECONDS);
      }
      assertEquals(999, sum);
      budget.give(sum);
      assertEquals(0, budget.held());
    }
  }
}
