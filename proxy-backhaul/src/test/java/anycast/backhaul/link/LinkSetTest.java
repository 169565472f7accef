package anycast.backhaul.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.Upstream;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.h2.ConnectionEvents;
import anycast.backhaul.h2.H2Connection;
import anycast.backhaul.h2.H2Limits;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.routing.pick.NodePath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The life of links, in virtual time and without sockets.
class LinkSetTest {
  private static final String SETTINGS = "000000040000000000";
  private static final String ONE_STREAM = "000006040000000000" + "000300000001";
  private static final String GOAWAY = "000008070000000000" + "7fffffff00000000";
  private static final String PONG = "000008060100000000" + "0000000000000001";
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  private final EmbeddedChannel timers = new EmbeddedChannel();
  private final List<Dial> dials = new ArrayList<>();
  private final Counters counters = new Counters(List.of());
  private final NodePath path = new NodePath();
  private long nowNanos = 7 * SECOND;
  private final LinkSet links =
      new LinkSet(
          "worker wrk-1",
          timers.eventLoop(),
          new FakeDialler(),
          new BackhaulFaults(counters.shared(), () -> path),
          LinkSet.Shape.BACKHAUL,
          () -> nowNanos);

  private record Dial(EmbeddedChannel channel, ChannelPromise connected) {
    void accept(String settings) {
      connected.setSuccess();
      receive(settings);
    }

    void receive(String frame) {
      channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(frame)));
      channel.runPendingTasks();
    }
  }

  private final class FakeDialler implements Dialler {
    @Override
    public Dialled dial(EventLoop loop, ConnectionEvents events, Consumer<Throwable> trouble) {
      H2Connection connection = H2Connection.client(H2Limits.link(), events, () -> nowNanos);
      EmbeddedChannel channel = new EmbeddedChannel(connection);
      dials.add(new Dial(channel, channel.newPromise()));
      return new Dialled(dials.getLast().connected(), connection);
    }
  }

  private static final class Attempt implements UpstreamEvents {
    private Upstream upstream;
    private Fault fault;

    @Override
    public void onResponseHead(ResponseHead head, boolean end) {}

    @Override
    public void onResponseData(ByteBuf data, boolean end) {
      data.release();
    }

    @Override
    public void onResponseTrailers(Fields trailers) {}

    @Override
    public void onRequestSent(int bytes) {}

    @Override
    public void onUpstreamFault(Fault failed) {
      assertNull(fault, "two endings");
      fault = failed;
    }
  }

  private Attempt open() {
    return open(0);
  }

  /// One that has nobody else to ask.
  private Attempt openPatient() {
    return open(10 * SECOND);
  }

  private Attempt open(long patienceNanos) {
    RequestHead head =
        new RequestHead(
            AsciiString.of("GET"),
            AsciiString.of("https"),
            AsciiString.of("a.example"),
            AsciiString.of("/"),
            null,
            new Fields());
    Attempt attempt = new Attempt();
    attempt.upstream = links.open(head, true, null, patienceNanos, attempt);
    dials.forEach(dial -> dial.channel().runPendingTasks());
    return attempt;
  }

  private void tick(long seconds) {
    for (long i = 0; i < seconds; i++) {
      nowNanos += SECOND;
      links.onTick(nowNanos);
      dials.forEach(dial -> dial.channel().runPendingTasks());
    }
  }

  /// Lets time go by for timers, too.
  private void pass(long millis) {
    for (long i = 0; i < millis; i += 10) {
      nowNanos += 10 * MILLI;
      timers.advanceTimeBy(10, TimeUnit.MILLISECONDS);
      timers.runScheduledPendingTasks();
      dials.forEach(dial -> dial.channel().runPendingTasks());
    }
  }

  private void refuse() {
    dials.getLast().connected().setFailure(new ConnectException("refused"));
  }

  @AfterEach
  void release() {
    dials.forEach(dial -> dial.channel().finishAndReleaseAll());
    timers.finishAndReleaseAll();
  }

  @Test
  void requestsWaitForOneDialAndShareItsLink() {
    Attempt first = open();
    Attempt second = open();
    assertEquals(1, dials.size());

    dials.getFirst().accept(SETTINGS);

    assertNull(first.fault);
    assertNull(second.fault);
    assertFalse(links.isUnused());
    assertEquals(1, dials.size());
  }

  @Test
  void failedDialFailsWhoWaitsAndWhoComesJustAfter() {
    Attempt waiting = open();

    dials.getFirst().connected().setFailure(new ConnectException("refused"));
    Attempt late = open();

    assertEquals(FaultKind.NODE_UNREACHABLE, waiting.fault.kind());
    assertEquals(Fault.Scope.NODE, waiting.fault.scope());
    assertEquals(FaultKind.NODE_UNREACHABLE, late.fault.kind());
    assertEquals(1, dials.size());
  }

  @Test
  void nodeIsDialledAgainAfterAMoment() {
    open();
    dials.getFirst().connected().setFailure(new ConnectException("refused"));

    nowNanos += SECOND / 10;
    Attempt later = open();

    assertNull(later.fault);
    assertEquals(2, dials.size());
  }

  @Test
  void requestCancelledWhileWaitingHearsNothingMore() {
    Attempt left = open();
    left.upstream.cancel(Fault.of(FaultKind.CLIENT_GONE));

    dials.getFirst().connected().setFailure(new ConnectException("refused"));

    assertNull(left.fault);
  }

  @Test
  void dialThatNeverSpeaksIsGivenUp() {
    Attempt waiting = open();
    dials.getFirst().connected().setSuccess();

    timers.advanceTimeBy(Link.DIAL_LIMIT_NANOS, TimeUnit.NANOSECONDS);
    timers.runScheduledPendingTasks();
    dials.getFirst().channel().runPendingTasks();

    assertEquals(FaultKind.NODE_UNREACHABLE, waiting.fault.kind());
    assertFalse(dials.getFirst().channel().isOpen());
  }

  @Test
  void fullLinkGetsASecondOneAndNoThird() {
    open();
    dials.getFirst().accept(ONE_STREAM);
    Attempt second = open();
    assertEquals(2, dials.size());
    dials.getLast().accept(ONE_STREAM);
    assertNull(second.fault);

    Attempt third = open();

    assertEquals(FaultKind.NOT_PROCESSED, third.fault.kind());
    assertTrue(third.fault.retrySafe());
    assertEquals(2, dials.size());
  }

  @Test
  void linkThatSaysGoAwayGetsNoNewStreams() {
    Attempt first = open();
    dials.getFirst().accept(SETTINGS);
    tick(2);

    dials.getFirst().receive(GOAWAY);
    Attempt next = open();

    assertNull(first.fault, "what is open finishes");
    assertNull(next.fault);
    assertEquals(2, dials.size());
  }

  @Test
  void peerThatDoesNotAnswerPingIsCutOffAndItsStreamsAreLost() {
    Attempt hanging = open();
    dials.getFirst().accept(SETTINGS);

    tick(5);
    assertNull(hanging.fault);
    assertTrue(dials.getFirst().channel().isOpen());
    tick(1);

    assertFalse(dials.getFirst().channel().isOpen());
    assertEquals(FaultKind.LINK_LOST, hanging.fault.kind());
    assertFalse(hanging.fault.retrySafe());
    assertNull(open().fault);
    assertEquals(2, dials.size());
  }

  @Test
  void idleLinkIsAskedSeldom() {
    Attempt done = open();
    dials.getFirst().accept(SETTINGS);
    done.upstream.cancel(Fault.of(FaultKind.CLIENT_GONE));

    tick(9);
    assertTrue(dials.getFirst().channel().isOpen());
    tick(1);

    assertFalse(dials.getFirst().channel().isOpen());
  }

  @Test
  void silentLinkGetsNothingNewUntilItAnswers() {
    Attempt hanging = open();
    dials.getFirst().accept(SETTINGS);
    tick(2);

    Attempt meanwhile = open();
    assertEquals(2, dials.size(), "the silent link took a request");
    assertNull(meanwhile.fault, "another connection may be what it takes");
    dials.getLast().connected().setFailure(new ConnectException("refused"));
    assertEquals(FaultKind.NODE_UNREACHABLE, meanwhile.fault.kind());

    dials.getFirst().receive(PONG);
    assertNull(open().fault);
    assertNull(hanging.fault);
    assertEquals(2, dials.size());
  }

  @Test
  void twoSilentLinksSendRequestsElsewhere() {
    open();
    dials.getFirst().accept(SETTINGS);
    tick(2);
    open();
    dials.getLast().accept(SETTINGS);
    tick(2);

    Attempt late = open();

    assertEquals(FaultKind.NODE_UNREACHABLE, late.fault.kind());
    assertTrue(late.fault.retrySafe());
    assertEquals(2, dials.size());
  }

  @Test
  void nobodyWaitsForTheNextDialToANodeThatWasSilent() {
    Attempt first = open();
    pass(2_000);
    dials.getFirst().connected().setFailure(new ConnectTimeoutException());
    assertEquals(FaultKind.NODE_SLOW, first.fault.kind());
    nowNanos += SECOND;

    Attempt second = open();
    assertEquals(2, dials.size(), "nobody looks whether it is back");
    assertEquals(FaultKind.NODE_UNREACHABLE, second.fault.kind());
    assertTrue(second.fault.retrySafe());

    dials.getLast().accept(SETTINGS);
    assertNull(open().fault);
    assertEquals(2, dials.size());
  }

  @Test
  void silenceIsForgottenAfterAWhile() {
    open();
    pass(2_000);
    dials.getFirst().connected().setFailure(new ConnectTimeoutException());

    nowNanos += 20 * SECOND;

    assertNull(open().fault);
    assertEquals(2, dials.size());
  }

  @Test
  void peerThatAnswersPingStays() {
    open();
    dials.getFirst().accept(SETTINGS);

    for (int i = 1; i <= 5; i++) {
      tick(4);
      dials.getFirst().receive("000008060100000000" + "%016x".formatted(i));
    }

    assertTrue(dials.getFirst().channel().isOpen());
  }

  @Test
  void linkThatDiesAtOnceCountsAsFailedDial() {
    open();
    dials.getFirst().accept(SETTINGS);
    dials.getFirst().channel().close();

    Attempt next = open();

    assertEquals(FaultKind.NODE_UNREACHABLE, next.fault.kind());
  }

  @Test
  void whoCanGoElsewhereLeavesASlowDialAndWhoCannotStays() {
    Attempt leaves = open();
    Attempt stays = openPatient();
    pass(200);
    assertNull(leaves.fault);
    pass(100);
    assertEquals(FaultKind.NODE_SLOW, leaves.fault.kind());
    assertEquals(Fault.Scope.NODE, leaves.fault.scope());
    assertTrue(leaves.fault.retrySafe());
    assertEquals(1, counters.sum(Counter.LINK_DIALS_SLOW));
    assertNull(stays.fault);

    Attempt late = open();
    assertEquals(FaultKind.NODE_SLOW, late.fault.kind(), "it waits for what is slow");
    Attempt lateAndPatient = openPatient();
    pass(4_000);
    assertEquals(1, dials.size());
    assertEquals(1, counters.sum(Counter.LINK_DIALS_SLOW));

    dials.getFirst().accept(SETTINGS);

    assertNull(stays.fault);
    assertNull(lateAndPatient.fault);
    assertNull(open().fault);
    assertEquals(1, dials.size());
  }

  @Test
  void aFarNodeIsNotSlowBecauseItIsFar() {
    path.onRoundTrip(100 * MILLI);
    Attempt waiting = open();
    pass(600);
    assertNull(waiting.fault);
    pass(100);
    assertEquals(FaultKind.NODE_SLOW, waiting.fault.kind());
  }

  @Test
  void timeThatTheLoopLostIsNobodysPatience() {
    Attempt leaves = open();
    Attempt stays = openPatient();
    pass(100);
    nowNanos += 8 * SECOND;
    timers.advanceTimeBy(8, TimeUnit.SECONDS);
    timers.runScheduledPendingTasks();
    assertNull(leaves.fault, "the answer may lie in the socket");
    assertNull(stays.fault);
    assertEquals(1, dials.size());
  }

  @Test
  void whoHasNobodyElseToAskWaitsForDialAfterDial() {
    Attempt first = openPatient();
    refuse();
    Attempt second = openPatient();
    assertEquals(1, dials.size(), "dialled before the pause was over");
    assertNull(first.fault);
    pass(160);
    assertEquals(2, dials.size());
    refuse();
    pass(260);
    assertEquals(3, dials.size());
    assertNull(first.fault);

    dials.getLast().accept(SETTINGS);

    assertNull(first.fault);
    assertNull(second.fault);
    assertFalse(links.isUnused());
    pass(1_000);
    assertEquals(3, dials.size());
  }

  @Test
  void patienceEnds() {
    Attempt waiting = openPatient();
    for (int i = 0; i < 9; i++) {
      pass(1_000);
      if (!dials.getLast().connected().isDone()) {
        refuse();
      }
    }
    assertNull(waiting.fault);
    pass(1_100);
    assertEquals(FaultKind.NODE_UNREACHABLE, waiting.fault.kind());
    assertTrue(waiting.fault.detail().contains("no link in time"), waiting.fault::detail);
    assertTrue(links.isUnused());
  }

  @Test
  void whoWaitsForANextDialAndLeavesHearsNothingMore() {
    Attempt left = openPatient();
    refuse();
    left.upstream.cancel(Fault.of(FaultKind.CLIENT_GONE));
    pass(1_000);
    assertEquals(1, dials.size(), "dialled for nobody");
    assertNull(left.fault);
  }

  @Test
  void drainEndsEveryPatience() {
    Attempt waiting = openPatient();
    refuse();

    links.drain();

    assertEquals(FaultKind.NODE_UNREACHABLE, waiting.fault.kind());
    assertEquals(FaultKind.NODE_UNREACHABLE, openPatient().fault.kind());
  }

  @Test
  void patientOnesGoOnWithASilentLinkThatAnswersAgain() {
    open();
    dials.getFirst().accept(SETTINGS);
    tick(2);
    Attempt waiting = openPatient();
    refuse();

    dials.getFirst().receive(PONG);

    assertNull(waiting.fault);
    pass(1_000);
    assertEquals(2, dials.size());
    assertNull(waiting.fault);
  }

  @Test
  void nodeThatWentAwayIsLookedForThoughNobodyAsks() {
    open();
    refuse();
    tick(1);
    assertEquals(2, dials.size());

    dials.getLast().accept(SETTINGS);
    assertNull(open().fault);
    tick(1);
    assertEquals(2, dials.size());
  }

  @Test
  void nobodyLooksForANodeForEver() {
    open();
    refuse();
    for (int i = 0; i < 60; i++) {
      tick(1);
      if (!dials.getLast().connected().isDone()) {
        refuse();
      }
    }
    int before = dials.size();
    tick(60);
    assertEquals(before, dials.size());
  }

  @Test
  void linkThatStandsClearsItsWayAndOneThatDiesAtOnceDoesNot() {
    for (int i = 0; i < 5; i++) {
      path.onFault(nowNanos);
    }
    open();
    dials.getFirst().accept(SETTINGS);
    assertTrue(path.failing());
    tick(1);
    assertFalse(path.failing());
  }

  @Test
  void drainedSetTakesNothing() {
    open();
    dials.getFirst().accept(SETTINGS);

    links.drain();

    assertEquals(FaultKind.NODE_UNREACHABLE, open().fault.kind());
  }
}
