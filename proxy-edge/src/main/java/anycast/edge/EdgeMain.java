package anycast.edge;

import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PeerIdentity;
import anycast.backhaul.link.BackhaulConnector;
import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.FeedPages;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.LogEnd;
import anycast.backhaul.runtime.ReadyFile;
import anycast.edge.listener.Listeners;
import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.FeedLimits;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.CorrosionConfig;
import anycast.routing.feed.corrosion.CorrosionSource;
import anycast.routing.feed.corrosion.Publisher;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.model.Node;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.table.SnapshotShelf;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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
    SnapshotBuilder builder = new SnapshotBuilder(config.self());
    RoutingTable table = new RoutingTable(builder.empty());
    Counters counters = new Counters(loops.loops());
    BackhaulConnector links = new BackhaulConnector(loops, identity, table, counters);
    SnapshotShelf shelf = new SnapshotShelf();
    InstantSource clock = InstantSource.system();
    CorrosionSource source =
        new CorrosionSource(
            CorrosionConfig.of(config.state().urls(), config.state().token()),
            EnumSet.allOf(Table.class),
            loops.ticker());
    drainOnSignal();
    try (FeedFollower feed =
            new FeedFollower(
                table,
                builder,
                List.of(new FeedFollower.Named("state", source)),
                FeedLimits.STANDARD,
                new FeedFollower.Outside(
                    loops.ticker(),
                    clock,
                    new SplittableRandom(),
                    config.self().node(),
                    null,
                    shelf::offer));
        Edge edge = new Edge(config, loops, table, links, counters);
        StateClient state = new StateClient(config.state().urls(), config.state().token());
        Publisher publisher = publisher(state);
        AdminServer _ =
            AdminServer.start(
                config.process().adminSocket(),
                new EdgeAdmin(
                        config,
                        edge,
                        table,
                        new FeedPages(feed, table, shelf, clock),
                        counters,
                        () -> stop.getCount() == 0)
                    .pages(links))) {
      feed.start();
      if (awaitLoaded(feed)) {
        edge.accept();
        publisher.start();
        writeReadyFile(edge.listeners());
        LOG.info("edge {} serves on {}", config.self().node(), addresses(edge.listeners()));
        stop.await();
        publisher.withdraw(WITHDRAW_LIMIT);
      }
      if (!edge.drain(config.serving().drain())) {
        LOG.warn("connections were still open after {}", config.serving().drain());
      }
      links.drain();
      LOG.info("edge {} stops", config.self().node());
    } finally {
      loops.stop(LOOPS_STOP_TIMEOUT);
    }
  }

  /// Makes the edge seen by operators: its node and its beat. Nothing waits for it, as an edge
  /// serves by what it knows; and nothing links to it, as it names no address.
  private Publisher publisher(StateClient state) {
    InstantSource clock = InstantSource.system();
    Node self =
        new Node(config.self().node(), config.self().region(), Node.Role.EDGE, "", clock.millis());
    return new Publisher(Publisher.Stores.of(state), self, List.of(), clock, () -> 0);
  }

  /// Waits for state; a signal ends the wait.
  ///
  /// @return whether the table is loaded
  private boolean awaitLoaded(FeedFollower feed) throws InterruptedException {
    LOG.info("edge {} loads state from {}", config.self().node(), config.state().urls());
    while (stop.getCount() > 0) {
      if (feed.awaitLoaded(LOAD_LOOK)) {
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
