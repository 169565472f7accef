package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.link.BackhaulConnector;
import anycast.backhaul.link.LinkWay;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.watchdog.CanaryApp;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A worker's requests to itself, over a real link.
@Timeout(120)
class WorkerCanaryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private PrivateCa ca;
  private Identity self;
  private Chain chain;
  private CanaryApp app;

  @BeforeEach
  void start() throws Exception {
    ca = Chain.ca(folder);
    self = Chain.identity(ca, folder, Node.Role.WORKER, Chain.WORKER);
    chain = new Chain(Chain.identity(ca, folder, Node.Role.EDGE, Chain.EDGE), self);
    app = CanaryApp.start();
    chain.workerFleet.put(
        app.rows(Chain.WORKER, Chain.FRA, List.of(CanaryApp.PORT)).toArray(Entity[]::new));
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    chain.close();
  }

  private LinkWay way(Identity identity) {
    return new LinkWay(chain.workerLoops, identity, chain.bound, app);
  }

  private String lost(LinkWay way) {
    return assertThrows(IOException.class, () -> way.go(PATIENCE)).getMessage();
  }

  @Test
  void comesBackLeavesNoLinkBehindAndIsCountedNowhere() throws Exception {
    LinkWay way = way(self);
    for (int i = 0; i < 3; i++) {
      way.go(PATIENCE);
    }
    assertEquals(List.of(), chain.acceptor.views());
    for (Counter counter : Counter.values()) {
      assertEquals(0, chain.counters.sum(counter), counter::toString);
    }
  }

  @Test
  void isLostWithTheAppOrTheListener() throws Exception {
    LinkWay way = way(self);
    app.close();
    String gone = lost(way);
    assertTrue(gone.contains("the stream was reset"), gone);
    chain.acceptor.drain();
    String refused = lost(way);
    assertTrue(refused.contains("refused"), refused);
  }

  @Test
  void leadsToTheCanaryAlone() throws Exception {
    try (RawApp hello = RawApp.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
      Instance instance = Chain.instance(hello.port(), Instance.State.STARTED);
      chain.workerFleet.put(Chain.service(AppProtocol.HTTP1, 0), instance);
      BackhaulConnector own =
          new BackhaulConnector(
              chain.workerLoops,
              self,
              chain.edgeFleet.table,
              new Counters(chain.workerLoops.loops()));
      Candidate candidate =
          new Candidate(instance, Chain.service(AppProtocol.HTTP1, 0), chain.node(), new Load());
      Call call =
          Call.open(chain.workerLoops.loops().getFirst(), own, candidate, Call.get("/"), true);
      assertEquals(FaultKind.UNKNOWN_INSTANCE, call.fault().kind());
    }
  }

  @Test
  void noOtherWorkerIsTakenForThisOne() throws Exception {
    Identity other = Chain.identity(ca, folder, Node.Role.WORKER, new NodeId("wrk-fra-2"));
    // It dials by its own name, too: both ends refuse.
    lost(way(other));
    assertEquals(List.of(), chain.acceptor.views());
  }

  @Test
  void aCertificateThatHasExpiredIsTheCauseThatIsTold() throws Exception {
    InstantSource lastMonth = InstantSource.fixed(Instant.now().minus(Duration.ofDays(30)));
    PrivateCa then = PrivateCa.init(folder.resolve("then"), lastMonth);
    Identity expired =
        Identity.load(
            then.issue(Node.Role.WORKER, Chain.WORKER, Duration.ofDays(1))
                .write(folder.resolve("then"), "expired", then.certificateFile()),
            lastMonth);
    Chain other = new Chain(expired, expired);
    try {
      LinkWay way = new LinkWay(other.workerLoops, expired, other.bound, app);
      Throwable cause = assertThrows(IOException.class, () -> way.go(PATIENCE));
      while (cause != null && !(cause instanceof CertificateExpiredException)) {
        cause = cause.getCause();
      }
      assertNotNull(cause);
    } finally {
      other.close();
    }
  }
}
