package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.exchange.ExchangeLog;
import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.ResponseEdits;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.link.LinkAcceptor;
import anycast.backhaul.runtime.Counters;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a client of an edge feels of a worker that is away for a moment, over real sockets: the
/// engine, links with mutual TLS, and two workers.
@Timeout(60)
class WorkerRestartTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final NodeId OTHER = new NodeId("wrk-fra-2");

  @TempDir Path directory;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final AtomicInteger hanging = new AtomicInteger(1);
  private RawApp app;
  private Chain chain;
  private LinkAcceptor other;
  private Exchanges edge;
  private Identity worker;
  private Candidate onFirst;
  private Candidate onOther;

  @BeforeEach
  void start() throws Exception {
    app =
        RawApp.start(connection -> {
          for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            if (head.contains(" /hang-once ") && hanging.getAndDecrement() > 0) {
              asked.countDown();
              connection.in.read();
              return;
            }
            if (head.startsWith("POST")) {
              connection.in.readNBytes(4);
            }
            connection.write(HELLO);
          }
        });
    PrivateCa ca = Chain.ca(directory);
    worker = Chain.identity(ca, directory, Node.Role.WORKER, Chain.WORKER);
    chain = new Chain(Chain.identity(ca, directory, Node.Role.EDGE, Chain.EDGE), worker);
    chain.runs(app.port());
    other =
        new LinkAcceptor(
            chain.workerLoops,
            Chain.identity(ca, directory, Node.Role.WORKER, OTHER),
            new Admission(chain.workerFleet.table, OTHER, new Plan.Timeouts(0, 0)),
            chain.exchanges,
            chain.counters);
    Instance second = instance("hello-2", OTHER, app.port());
    Node node = node(OTHER, other.bind(new InetSocketAddress("127.0.0.1", 0)).getPort());
    chain.workerFleet.put(node, second);
    chain.edgeFleet.put(node);
    onFirst = candidate(Chain.instance(0, Instance.State.STARTED), chain.node());
    onOther = candidate(second, node);
    edge =
        new Exchanges(
            chain.connector,
            ResponseEdits.none(),
            ExchangeLog.none(),
            FaultKind.EXCHANGE_TIMEOUT,
            new Counters(chain.edgeLoops.loops()),
            chain.edgeLoops.ticker());
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    other.close();
    chain.close();
  }

  private static Instance instance(String id, NodeId node, int port) {
    return new Instance(
        new InstanceId(id),
        Chain.APP,
        node,
        Chain.FRA,
        "127.0.0.1",
        port,
        Instance.State.STARTED,
        Map.of(),
        1);
  }

  private static Node node(NodeId id, int port) {
    return new Node(id, Chain.FRA, Node.Role.WORKER, "127.0.0.1:" + port, System.nanoTime());
  }

  private static Candidate candidate(Instance instance, Node node) {
    return new Candidate(instance, Chain.service(AppProtocol.HTTP1, 0), node, new Load());
  }

  /// The first worker is reached through this peer from now on.
  private void reachedBy(FirstLink peer) {
    String address = peer.address();
    chain.edgeFleet.put(
        new Node(Chain.WORKER, Chain.FRA, Node.Role.WORKER, address, System.nanoTime()));
  }

  private Client get(String path, Candidate... candidates) {
    return begin("GET", path, candidates);
  }

  private Client post(Candidate... candidates) {
    return begin("POST", "/", candidates);
  }

  private Client begin(String method, String path, Candidate... candidates) {
    EventLoop loop = chain.edgeLoops.loops().getFirst();
    boolean bare = !method.equals("POST");
    Fields fields = bare ? new Fields() : Call.fields("content-length", "4");
    Plan.Forward plan =
        new Plan.Forward(
            new Arrival(
                "01TEST-fra", InetAddress.getLoopbackAddress(), 443, true, "2", System.nanoTime()),
            Call.request(method, path, fields),
            List.of(candidates),
            new Plan.Timeouts(0, 0));
    Client client = new Client();
    loop.execute(() -> {
      Exchange exchange = edge.begin(client, plan, bare, loop);
      if (!bare) {
        exchange.onRequestData(Unpooled.copiedBuffer("body", StandardCharsets.US_ASCII), true);
      }
    });
    return client;
  }

  /// Hears the body, or the fault's code.
  private static final class Client implements Downstream {
    private final StringBuilder body = new StringBuilder();
    private final CompletableFuture<String> end = new CompletableFuture<>();

    String answer() throws Exception {
      return end.get(Call.DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void sendInformational(ResponseHead head) {}

    @Override
    public void sendHead(ResponseHead head, boolean ended) {
      if (ended) {
        end.complete("");
      }
    }

    @Override
    public void sendData(ByteBuf data, boolean ended) {
      body.append(data.toString(StandardCharsets.US_ASCII));
      data.release();
      if (ended) {
        end.complete(body.toString());
      }
    }

    @Override
    public void sendTrailers(Fields trailers) {
      end.complete(body.toString());
    }

    @Override
    public void sendFault(Fault fault) {
      end.complete(fault.kind().code());
    }

    @Override
    public void consumed(int bytes) {}
  }

  @ParameterizedTest
  @EnumSource
  void whoCanGoElsewhereIsAnsweredThereWhateverBecomesOfTheDial(FirstLink.Fate fate)
      throws Exception {
    try (FirstLink peer = FirstLink.open(fate, chain.bound.getPort(), worker)) {
      peer.everyLink();
      reachedBy(peer);
      Client get = get("/", onFirst, onOther);
      Client post = post(onFirst, onOther);
      assertEquals("hello", get.answer());
      assertEquals("hello", post.answer());
      assertEquals(2, app.requests.size(), "something was sent twice");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SILENT")
  void whoHasNobodyElseIsAnsweredOverTheNextLink(FirstLink.Fate fate) throws Exception {
    try (FirstLink peer = FirstLink.open(fate, chain.bound.getPort(), worker)) {
      reachedBy(peer);
      Client get = get("/", onFirst);
      Client post = post(onFirst);
      peer.awaitFirst();
      peer.mend();
      assertEquals("hello", get.answer());
      assertEquals("hello", post.answer());
      assertEquals(2, app.requests.size(), "something was sent twice");
    }
  }

  @Test
  void aSocketThatIsHeldForADeadWorkerIsLeftByWhoCanAndAnsweredWhenTheWorkerIsBack()
      throws Exception {
    try (HeldSocket held = new HeldSocket(chain.bound.getPort())) {
      chain.reachedBy(held.port());
      assertEquals("hello", get("/", onFirst, onOther).answer());
      Client waits = get("/", onFirst);
      Client waitsWithBody = post(onFirst);
      assertEquals("hello", post(onFirst, onOther).answer());
      assertFalse(waits.end.isDone());
      assertFalse(waitsWithBody.end.isDone());

      held.accept();

      assertEquals("hello", waits.answer());
      assertEquals("hello", waitsWithBody.answer());
      assertEquals("hello", get("/", onFirst).answer());
    }
  }

  @Test
  void whatAWorkerWasAskedWhenItDiedIsAskedElsewhereWhereThatIsHarmless() throws Exception {
    try (Relay wire = new Relay(chain.bound.getPort())) {
      chain.reachedBy(wire.port());
      Client get = get("/hang-once", onFirst, onOther);
      assertTrue(asked.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));

      wire.cut();

      assertEquals("hello", get.answer());
      assertEquals(2, app.requests.size());
    }
  }

  @Test
  void whatMayNotBeAskedTwiceEndsWithALostLink() throws Exception {
    try (Relay wire = new Relay(chain.bound.getPort())) {
      chain.reachedBy(wire.port());
      Client post = begin("POST", "/hang-once", onFirst, onOther);
      assertTrue(asked.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS));

      wire.cut();

      assertEquals("PU02", post.answer());
      assertEquals(1, app.requests.size());
    }
  }
}
