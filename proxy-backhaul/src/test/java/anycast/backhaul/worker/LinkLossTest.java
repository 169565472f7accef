package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Attempt;
import anycast.backhaul.exchange.UpstreamEvents;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Links that break, move or never come about.
@Timeout(60)
class LinkLossTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(Call.DEADLINE_SECONDS);

  @TempDir Path directory;
  private RawApp app;
  private Chain chain;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch left = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    app =
        RawApp.start(connection -> {
          for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            if (head.startsWith("GET /hang")) {
              asked.countDown();
              if (connection.in.read() < 0) {
                left.countDown();
              }
              return;
            }
            connection.write(HELLO);
          }
        });
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    if (chain != null) {
      chain.close();
    }
  }

  private void chain(Identity edge, Identity worker) throws Exception {
    chain = new Chain(edge, worker);
    chain.runs(app.port());
  }

  private void assertUnreachable(String reason) throws Exception {
    Fault fault = chain.get("/").fault();
    assertEquals(FaultKind.NODE_UNREACHABLE, fault.kind(), fault::toString);
    assertEquals(Fault.Scope.NODE, fault.scope());
    assertTrue(fault.retrySafe());
    assertTrue(fault.detail().contains(reason), fault::detail);
    assertEquals(0, app.accepted.get());
  }

  @Test
  void linkCutMidRequestIsLostAndTheNextRequestDialsAnew() throws Exception {
    chain = Chain.start(directory);
    chain.runs(app.port());
    try (Relay wire = new Relay(chain.bound.getPort())) {
      chain.reachedBy(wire.port());
      assertEquals("hello", chain.get("/1").body());
      Call hanging = chain.get("/hang");
      assertTrue(asked.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));

      wire.cut();

      Fault fault = hanging.fault();
      assertEquals(FaultKind.LINK_LOST, fault.kind());
      assertFalse(fault.retrySafe());
      assertTrue(left.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS), "the app goes on in vain");
      // A link that lived less than a second counts as a failed dial: the next one is a little
      // later.
      Call next = chain.get("/2");
      while (!next.succeeded()) {
        assertEquals(FaultKind.NODE_UNREACHABLE, next.fault().kind());
        next = chain.get("/2");
      }
      assertEquals(2, wire.accepted.get());
    }
  }

  @Test
  void frozenPeerGetsNothingNewAndWhatItHasIsLost() throws Exception {
    chain = Chain.start(directory);
    chain.runs(app.port());
    try (Relay wire = new Relay(chain.bound.getPort())) {
      chain.reachedBy(wire.port());
      assertEquals("hello", chain.get("/1").body());
      wire.freeze();
      Call hanging = chain.get("/hang");

      // Those that came before the doubt hang too; the first that is refused comes after it.
      List<Call> caught = new ArrayList<>();
      Call next = chain.get("/next");
      while (!next.settledSafely()) {
        caught.add(next);
        next = chain.get("/next");
      }
      assertEquals(FaultKind.NODE_SLOW, next.fault().kind());
      assertFalse(hanging.isOver(), "refused before the link was given up");
      assertEquals(FaultKind.LINK_LOST, hanging.fault().kind());
      for (Call each : caught) {
        // Either it hung on the link, or it waited for a dial that nobody answered.
        assertTrue(
            Set.of(FaultKind.LINK_LOST, FaultKind.NODE_SLOW, FaultKind.NODE_UNREACHABLE)
                .contains(each.fault().kind()));
      }
    }
  }

  @Test
  void peerThatThawsInTimeLosesNothing() throws Exception {
    chain = Chain.start(directory);
    chain.runs(app.port());
    try (Relay wire = new Relay(chain.bound.getPort())) {
      chain.reachedBy(wire.port());
      assertEquals("hello", chain.get("/1").body());
      wire.freeze();
      Call hanging = chain.get("/2");
      while (!isSilent()) {
        assertFalse(hanging.isOver());
        Thread.onSpinWait();
      }

      wire.thaw();

      assertEquals("hello", hanging.body());
      assertEquals("hello", chain.get("/3").body());
      // The view is as old as the last tick; the test's own limit ends a link that never answers.
      while (isSilent()) {
        Thread.onSpinWait();
      }
    }
  }

  private boolean isSilent() {
    return chain.connector.views().stream().anyMatch(link -> link.state().equals("silent"));
  }

  @Test
  void nodeThatDoesNotListenFailsAtOnceAndIsLeftAloneForAMoment() throws Exception {
    chain = Chain.start(directory);
    chain.runs(app.port());
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    chain.reachedBy(port);

    assertUnreachable("");
    assertUnreachable("");
  }

  @Test
  void nodeWithNewAddressGetsNewLinkAndTheOldOneFinishes() throws Exception {
    chain = Chain.start(directory);
    chain.runs(app.port());
    try (Relay old = new Relay(chain.bound.getPort());
        Relay next = new Relay(chain.bound.getPort())) {
      chain.reachedBy(old.port());
      Call hanging = chain.get("/hang");
      assertTrue(asked.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));

      chain.reachedBy(next.port());

      assertEquals("hello", chain.get("/1").body());
      assertEquals(1, next.accepted.get());
      assertFalse(hanging.isOver());
      hanging.cancel();
    }
  }

  @Test
  void nodeThatLeftTheTableIsUnreachable() throws Exception {
    chain = Chain.start(directory);
    chain.runs(app.port());
    Node gone = chain.node();
    chain.edgeFleet.remove(gone.key());

    assertUnreachable("no address");
  }

  @Test
  void drainingWorkerFinishesWhatItHasAndTakesNothingNew() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    chain = Chain.start(directory);
    try (RawApp slow =
        RawApp.start(connection -> {
          connection.readHead();
          asked.countDown();
          go.await();
          connection.write(HELLO);
        })) {
      chain.runs(slow.port());
      Call inFlight = chain.get("/1");
      assertTrue(asked.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));

      chain.acceptor.drain();

      Fault fault = null;
      while (fault == null) {
        Call late = chain.call(Call.request("GET", "/late", new Fields()), true);
        // One that came before the GOAWAY was served like the first: the app saw it.
        if (late.settledSafely()) {
          fault = late.fault();
        } else {
          late.cancel();
        }
      }
      assertTrue(fault.retrySafe());
      go.countDown();
      assertEquals("hello", inFlight.body());
    }
  }

  @Test
  void workerShowingEdgesCertificateIsRefused() throws Exception {
    PrivateCa ca = Chain.ca(directory);
    chain(
        Chain.identity(ca, directory, Node.Role.EDGE, Chain.EDGE),
        Chain.identity(ca, directory, Node.Role.EDGE, new NodeId("edge-fra-9")));

    assertUnreachable("wanted worker wrk-fra-1");
  }

  @Test
  void workerOfAnotherNameIsRefused() throws Exception {
    PrivateCa ca = Chain.ca(directory);
    chain(
        Chain.identity(ca, directory, Node.Role.EDGE, Chain.EDGE),
        Chain.identity(ca, directory, Node.Role.WORKER, new NodeId("wrk-fra-2")));

    assertUnreachable("peer is worker wrk-fra-2, wanted worker wrk-fra-1");
  }

  @Test
  void workerTakesNoLinkFromAWorker() throws Exception {
    PrivateCa ca = Chain.ca(directory);
    chain(
        Chain.identity(ca, directory, Node.Role.WORKER, new NodeId("wrk-fra-3")),
        Chain.identity(ca, directory, Node.Role.WORKER, Chain.WORKER));

    assertUnreachable("");
  }

  @Test
  void peersOfAnotherCaAreRefused() throws Exception {
    Path other = directory.resolve("other");
    chain(
        Chain.identity(Chain.ca(directory), directory, Node.Role.EDGE, Chain.EDGE),
        Chain.identity(Chain.ca(other), other, Node.Role.WORKER, Chain.WORKER));

    assertUnreachable("");
  }

  @Test
  void nodeThatMovesWhileItIsDialledDoesNotStopThePool() throws Exception {
    chain = Chain.start(directory);
    chain.runs(app.port());
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    List<Node> others = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      others.add(worker("wrk-other-" + i, closed));
    }
    List<Socket> queue = new ArrayList<>();
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fill(deaf, queue);
      Node moving = worker("wrk-moving", deaf.getLocalPort());
      chain.edgeFleet.put(moving);
      chain.edgeFleet.put(others.toArray(Node[]::new));
      // Known to the pool: the moving one in the midst of its map, with others behind it.
      others.subList(0, 31).forEach(node -> attempt(node, null));
      CompletableFuture<Fault> fault = attempt(moving, others.getLast());
      // Dialled by then: the pool asks the table for the address when it dials.
      chain.edgeLoops.loops().getFirst().submit(() -> {}).get();

      chain.edgeFleet.put(worker("wrk-moving", closed));

      assertEquals(
          FaultKind.NODE_UNREACHABLE, fault.get(Call.DEADLINE_SECONDS, TimeUnit.SECONDS).kind());
      assertEquals("hello", chain.get("/").body());
      awaitView(Chain.WORKER.value(), "open");
    } finally {
      for (Socket socket : queue) {
        socket.close();
      }
    }
  }

  @Test
  void strangersAreCountedAsRefusedAndNotAsLinks() throws Exception {
    PrivateCa ca = Chain.ca(directory);
    chain(
        Chain.identity(ca, directory, Node.Role.WORKER, new NodeId("wrk-fra-3")),
        Chain.identity(ca, directory, Node.Role.WORKER, Chain.WORKER));

    assertUnreachable("");
    Counters counters = chain.counters;
    chain.close();
    chain = null;

    assertEquals(1, counters.sum(Counter.LINKS_REFUSED));
    assertEquals(0, counters.sum(Counter.LINKS_CLOSED));
    assertEquals(0, counters.sum(Counter.LINKS_LOST));
  }

  private static Node worker(String name, int port) {
    return new Node(
        new NodeId(name), new RegionCode("fra"), Node.Role.WORKER, "127.0.0.1:" + port, 1);
  }

  /// Fills the queue of a listener, so that a dial to it neither stands nor fails.
  private static void fill(ServerSocket listener, List<Socket> queue) throws IOException {
    try {
      while (true) {
        Socket socket = new Socket();
        queue.add(socket);
        socket.connect(listener.getLocalSocketAddress(), 300);
      }
    } catch (SocketTimeoutException e) {
      // Full.
    }
  }

  /// Asks for a stream to `node`, and where that fails, at once for one to `next`.
  private CompletableFuture<Fault> attempt(Node node, Node next) {
    CompletableFuture<Fault> failed = new CompletableFuture<>();
    EventLoop loop = chain.edgeLoops.loops().getFirst();
    loop.execute(() ->
        open(
            node,
            fault -> {
              if (next != null) {
                open(next, _ -> {});
              }
              failed.complete(fault);
            }));
    return failed;
  }

  private void open(Node node, Consumer<Fault> failed) {
    Candidate candidate =
        new Candidate(
            Chain.instance(0, Instance.State.STARTED),
            Chain.service(Service.AppProtocol.HTTP1, 0),
            node,
            new Load());
    Arrival arrival =
        new Arrival("01TEST-fra", InetAddress.getLoopbackAddress(), 443, true, "2", 0);
    chain.connector.open(
        new Attempt(candidate, arrival, Call.get("/"), true, 0, 0, PATIENCE_NANOS),
        new OnlyFaults(failed));
  }

  private record OnlyFaults(Consumer<Fault> failed) implements UpstreamEvents {
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
    public void onUpstreamFault(Fault fault) {
      failed.accept(fault);
    }
  }

  /// The pool's tick publishes views: one that comes says that the tick goes on.
  private void awaitView(String node, String state) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (chain.connector.views().stream()
        .noneMatch(view -> view.node().equals(node) && view.state().equals(state))) {
      assertTrue(System.nanoTime() < deadlineNanos, () -> chain.connector.views().toString());
      Thread.onSpinWait();
    }
  }
}
