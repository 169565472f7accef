package anycast.backhaul.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.link.LinkView;
import anycast.backhaul.runtime.Counter;
import anycast.routing.feed.LoadChannel;
import anycast.routing.model.App;
import anycast.routing.model.Instance;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an edge learns of a worker's load, over a real link.
@Timeout(120)
class LoadReportTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String FORGED =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Anycast-Load: 999 999 9\r\n\r\nhello";

  @TempDir Path directory;
  private Chain chain;
  private final Semaphore go = new Semaphore(0);
  private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
  private LoadReporter reporter;

  @BeforeEach
  void start() throws Exception {
    chain = Chain.start(directory);
    LoadChannel channel =
        new LoadChannel() {
          @Override
          public void tell(byte[] lines) {
            told.add(new String(lines, StandardCharsets.ISO_8859_1));
          }

          @Override
          public void close() {}
        };
    reporter =
        new LoadReporter(
            chain.apps.rooms(),
            chain.workerFleet.table,
            Chain.WORKER,
            Optional.of(channel),
            chain.counters.shared(),
            chain.workerLoops.ticker());
    chain.acceptor.follow(reporter::edition);
    reporter.start();
  }

  @AfterEach
  void stop() throws Exception {
    reporter.close();
    chain.close();
  }

  private RawApp slow() throws Exception {
    return RawApp.start(connection -> {
      for (String head = connection.readHead(); head != null; head = connection.readHead()) {
        go.acquire();
        connection.write(HELLO);
      }
    });
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - deadline < 0, "in time");
      Thread.onSpinWait();
    }
  }

  /// The edge knows the instance by its own table.
  private Load onEdge(int port) {
    chain.edgeFleet.put(
        new App(Chain.APP, 1),
        Chain.service(AppProtocol.HTTP1, 0),
        Chain.instance(port, Instance.State.STARTED));
    return chain.edgeFleet.table.current().instance(Chain.HELLO).load();
  }

  private int inFlightAsKnown(Load load) {
    return load.inFlight(chain.edgeLoops.ticker().nanos());
  }

  @Test
  void anEdgeHearsOfRequestsThatAreNotItsOwn() throws Exception {
    try (RawApp app = slow()) {
      chain.runs(app.port());
      Load load = onEdge(app.port());
      // chain's calls count on a load of their own, as another edge's would
      List<Call> calls = List.of(chain.get("/1"), chain.get("/2"), chain.get("/3"));

      await(() -> inFlightAsKnown(load) == 3);

      assertEquals(0, load.inFlight());
      go.release(3);
      for (Call call : calls) {
        assertEquals("hello", call.body());
      }
      await(() -> inFlightAsKnown(load) == 0);
      await(() -> chain.counters.sum(Counter.LOAD_REPORTS_SENT) >= 2);
    }
  }

  @Test
  void theStreamIsNoExchangeAndHoldsNoLinkOpen() throws Exception {
    try (RawApp app = slow()) {
      chain.runs(app.port());
      Load load = onEdge(app.port());
      Call call = chain.get("/1");
      await(() -> inFlightAsKnown(load) == 1);
      go.release();
      assertEquals("hello", call.body());
      await(() -> chain.acceptor.views().stream().allMatch(view -> view.streams() == 0));
      await(() -> chain.connector.views().stream().allMatch(view -> view.streams() == 0));
      List<LinkView> before = chain.acceptor.views();
      assertFalse(before.isEmpty());

      chain.acceptor.drain();

      await(() -> chain.acceptor.views().isEmpty());
    }
  }

  @Test
  void theStreamEndsWithTheEdgesLinks() throws Exception {
    try (RawApp app = slow()) {
      chain.runs(app.port());
      Load load = onEdge(app.port());
      Call call = chain.get("/1");
      await(() -> inFlightAsKnown(load) == 1);
      go.release();
      assertEquals("hello", call.body());

      chain.connector.drain();

      await(() -> chain.acceptor.views().isEmpty());
    }
  }

  @Test
  void aResponseTellsOfTheInstanceAndAnAppCannot() throws Exception {
    try (RawApp app =
        RawApp.start(connection -> {
          for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            if (head.startsWith("GET /slow")) {
              go.acquire();
            }
            connection.write(FORGED);
          }
        })) {
      chain.runs(app.port());
      Call other = chain.get("/slow");
      await(() -> !app.requests.isEmpty());
      Candidate candidate = chain.candidate();
      Call call =
          Call.open(
              chain.edgeLoops.loops().getFirst(), chain.connector, candidate, Call.get("/"), true);

      assertEquals("hello", call.body());

      assertFalse(call.head().fields().contains(AsciiString.of("x-anycast-load")));
      // the other call, and this one, whose body was still to come
      assertEquals(2, inFlightAsKnown(candidate.load()));
      go.release();
      assertEquals("hello", other.body());
    }
  }

  @Test
  void roundTripsOfPingsAreTheWayToTheNode() throws Exception {
    try (RawApp app = slow()) {
      chain.runs(app.port());
      onEdge(app.port());
      Call call = chain.get("/1");

      await(() -> chain.edgeFleet.table.current().path(Chain.WORKER).roundTripNanos() > 0);

      go.release();
      assertEquals("hello", call.body());
    }
  }

  @Test
  void theChannelHearsWhatChanged() throws Exception {
    try (RawApp app = slow()) {
      chain.runs(app.port());
      Call call = chain.get("/1");

      assertEquals("hello-1 1 0 0\n", told.poll(60, TimeUnit.SECONDS));

      go.release();
      assertEquals("hello", call.body());
      String next = told.poll(60, TimeUnit.SECONDS);
      assertTrue(next.matches("hello-1 0 0 [1-9][0-9]*\n"), next);
    }
  }
}
