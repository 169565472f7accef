package anycast.edge;

import anycast.backhaul.exchange.Connector;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PeerIdentity;
import anycast.backhaul.link.BackhaulConnector;
import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.FollowedState;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.InheritedSockets;
import anycast.backhaul.runtime.ListenerSockets;
import anycast.backhaul.runtime.LogEnd;
import anycast.backhaul.runtime.ReadyFile;
import anycast.backhaul.watchdog.Vitals;
import anycast.edge.listener.Listeners;
import anycast.routing.feed.StatePublisher;
import anycast.routing.model.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The edge process: `EdgeMain --config FILE`.
///
/// Exit codes: 0 after SIGTERM or SIGINT, 1 where it cannot run, 2 where it was started wrongly.
public final class EdgeMain {
  private static final Logger LOG = LoggerFactory.getLogger(EdgeMain.class);
  private static final int CANNOT_RUN = 1;
  private static final int WRONG_START = 2;

  /// How soon a signal is heard while state is waited for.
  private static final Duration LOAD_LOOK = Duration.ofMillis(200);

  /// Listeners wait with closing until the node has left state, or this long.
  private static final Duration WITHDRAW_LIMIT = Duration.ofSeconds(1);

  private static final Duration LOOPS_STOP_TIMEOUT = Duration.ofSeconds(5);

  private final EdgeConfig config;
  private final CountDownLatch stop = new CountDownLatch(1);

  private EdgeMain(EdgeConfig config) {
    this.config = config;
  }

  public static void main(String[] args) {
    if (args.length != 2 || !args[0].equals("--config")) {
      fail(WRONG_START, "usage: EdgeMain --config FILE");
      return;
    }
    try {
      new EdgeMain(EdgeConfig.read(Path.of(args[1]))).run();
    } catch (ConfigProblems | IdentityProblem e) {
      fail(WRONG_START, e.getMessage());
    } catch (IOException | IllegalStateException e) {
      fail(CANNOT_RUN, "edge cannot run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("a fault in the edge", e);
      fail(CANNOT_RUN, "edge cannot run: " + e);
    }
  }

  /// Ends the process without its shutdown hooks: ours waits for the thread that this runs on.
  private static void fail(int code, String message) {
    LogEnd.await();
    System.err.println(message);
    System.err.flush();
    Runtime.getRuntime().halt(code);
  }

  /// The life of the process, in execution order.
  private void run() throws IOException, IdentityProblem, InterruptedException {
    Identity identity =
        Identity.load(
            new PeerIdentity(Node.Role.EDGE, config.self().node()),
            config.identity(),
            InstantSource.system());
    EventLoops loops = EventLoops.start("loop", config.process().runtime());
    Counters counters = new Counters(loops.loops());
    drainOnSignal();
    try (Vitals vitals =
        Vitals.open(
            config.process().vitals(),
            config.self().node().value(),
            loops,
            counters,
            InstantSource.system())) {
      try {
        follow(vitals, identity, loops, counters);
      } catch (IOException e) {
        // What cannot be had is no update's fault.
        vitals.stopping(Duration.ZERO);
        throw e;
      }
    } finally {
      loops.stop(LOOPS_STOP_TIMEOUT);
    }
  }

  /// How requests come in and go out.
  private record Ways(ListenerSockets sockets, EdgeCanary canary, BackhaulConnector links) {
    Connector out() {
      return canary.connector(links);
    }
  }

  private void follow(Vitals vitals, Identity identity, EventLoops loops, Counters counters)
      throws IOException, IdentityProblem, InterruptedException {
    InstantSource clock = InstantSource.system();
    ListenerSockets sockets = new ListenerSockets(loops, InheritedSockets.ofProcess());
    try (EdgeCanary canary = EdgeCanary.open(config, loops, counters, clock.instant());
        FollowedState state =
            FollowedState.open(
                config.state(),
                config.self(),
                loops.ticker(),
                clock,
                vitals.setting(config.state().admission().faults(), canary.rows()))) {
      BackhaulConnector links = new BackhaulConnector(loops, identity, state.table(), counters);
      serve(vitals, state, new Ways(sockets, canary, links), counters);
    }
  }

  private void serve(Vitals vitals, FollowedState state, Ways ways, Counters counters)
      throws IOException, InterruptedException {
    try (Edge edge =
            new Edge(
                config,
                ways.sockets(),
                state.table(),
                ways.out(),
                counters,
                new Edge.Notes(vitals.flight(), state.ruleFaults()));
        StatePublisher publisher = publisher(state);
        AdminServer admin = admin(vitals, state, edge, ways.links(), counters)) {
      ways.sockets().inherited().checkAllTaken();
      state.start();
      vitals.watch("feed-follower", state.follower().thread(), state.follower().progress());
      vitals.watch("admin", admin.thread(), admin.progress());
      state.hearLoads(config.self().node());
      if (awaitServable(state)) {
        edge.accept();
        publisher.start();
        writeReadyFile(edge.listeners());
        vitals.canary(ways.canary().ways(edge.listeners()));
        vitals.ready();
        LOG.info("edge {} serves on {}", config.self().node(), addresses(edge.listeners()));
        stop.await();
        vitals.stopping(config.serving().drain());
        publisher.withdraw(WITHDRAW_LIMIT);
      } else {
        vitals.stopping(config.serving().drain());
      }
      if (!edge.drain(config.serving().drain())) {
        LOG.warn("connections were still open after {}", config.serving().drain());
      }
      ways.links().drain();
      LOG.info("edge {} stops", config.self().node());
    }
  }

  private AdminServer admin(
      Vitals vitals, FollowedState state, Edge edge, BackhaulConnector links, Counters counters)
      throws IOException {
    EdgeAdmin pages =
        new EdgeAdmin(
            config, edge, state.table(), state.pages(), counters, () -> stop.getCount() == 0);
    return AdminServer.start(config.process().adminSocket(), pages.pages(links, vitals));
  }

  /// Makes the edge seen by operators: its node and its beat. Nothing waits for it, as an edge
  /// serves by what it knows; and nothing links to it, as it names no address.
  private StatePublisher publisher(FollowedState state) {
    Node self =
        new Node(
            config.self().node(),
            config.self().region(),
            Node.Role.EDGE,
            "",
            InstantSource.system().millis());
    return state.publisher(self, List.of());
  }

  /// Waits until there is something to serve, which a last good table is at once; a signal ends the
  /// wait.
  ///
  /// @return whether there is
  private boolean awaitServable(FollowedState state) throws InterruptedException {
    LOG.info("edge {} loads state from {}", config.self().node(), state.told());
    while (stop.getCount() > 0) {
      if (state.awaitServable(LOAD_LOOK)) {
        return true;
      }
    }
    return false;
  }

  private void writeReadyFile(Listeners listeners) throws IOException {
    Path file = config.process().readyFile();
    if (file == null) {
      return;
    }
    Map<String, Object> ready = new LinkedHashMap<>();
    ready.put("pid", ProcessHandle.current().pid());
    ready.put("node", config.self().node().value());
    ready.put("region", config.self().region().code());
    ready.put("admin", config.process().adminSocket().toAbsolutePath().toString());
    ready.put("addresses", addresses(listeners));
    ReadyFile.write(file, ready);
  }

  private static Map<String, String> addresses(Listeners listeners) {
    Map<String, String> addresses = new LinkedHashMap<>();
    for (Listeners.Listening each : listeners.listening()) {
      addresses.put(each.config().name(), HostPort.of(each.address()).toString());
    }
    return addresses;
  }

  /// A signal asks this thread to drain, keeps the process until it has, and makes the exit code
  /// say that all went well.
  private void drainOnSignal() {
    Thread main = Thread.currentThread();
    Duration limit = config.serving().drain().plus(LOOPS_STOP_TIMEOUT).plus(LOOPS_STOP_TIMEOUT);
    Thread hook =
        new Thread(
            () -> {
              stop.countDown();
              try {
                int code = main.join(limit) ? 0 : CANNOT_RUN;
                LogEnd.await();
                Runtime.getRuntime().halt(code);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }
}
