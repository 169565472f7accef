package anycast.backhaul.worker;

import anycast.backhaul.exchange.AccessLog;
import anycast.backhaul.exchange.ExchangeRecord;
import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.RecentExchanges;
import anycast.backhaul.exchange.ResponseEdits;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.health.HealthChecks;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.IdentityProblem;
import anycast.backhaul.identity.PeerIdentity;
import anycast.backhaul.link.LinkAcceptor;
import anycast.backhaul.link.LinkPlanner;
import anycast.backhaul.link.LinkWay;
import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.FollowedState;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.InheritedSockets;
import anycast.backhaul.runtime.ListenerSockets;
import anycast.backhaul.runtime.ReadyFile;
import anycast.backhaul.runtime.TableViews;
import anycast.backhaul.watchdog.Canary;
import anycast.backhaul.watchdog.CanaryApp;
import anycast.backhaul.watchdog.FlightSlot;
import anycast.backhaul.watchdog.Vitals;
import anycast.backhaul.wire.BackhaulHead;
import anycast.routing.feed.StatePublisher;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import anycast.routing.table.RoutingSnapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker proxy, put together.
///
/// **Threading.** One thread, the process' main one. **Faults.** What cannot be had at the start is
/// said in one sentence, and what was started before is closed.
public final class Worker implements AutoCloseable {
  private static final Duration WITHDRAW_LIMIT = Duration.ofSeconds(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
  private static final long LOOK_MILLIS = 20;

  /// A few busy apps: an event loop alone keeps up to 1,024 idle connections to each.
  private static final int CONNECTIONS = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final WorkerConfig config;
  private final InstantSource clock = InstantSource.system();

  /// What was started, last one first.
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  private EventLoops loops;
  private Counters counters;
  private Vitals vitals;
  private CanaryApp canary;
  private List<Canary.Way> ways;
  private FollowedState state;
  private AppConnector connector;
  private HealthChecks checks;
  private LoadReporter loads;
  private RecentExchanges recent;
  private Exchanges exchanges;
  private LinkAcceptor acceptor;
  private StatePublisher publisher;
  private HostPort bound;

  private Worker(WorkerConfig config) {
    this.config = config;
  }

  /// Starts everything; links are accepted when this returns.
  ///
  /// **Faults.** `IdentityProblem`, or `IOException` where an address or socket cannot be had.
  public static Worker start(WorkerConfig config)
      throws IdentityProblem, IOException, InterruptedException {
    Worker worker = new Worker(config);
    try {
      worker.assemble();
      return worker;
    } catch (IdentityProblem | IOException | RuntimeException e) {
      worker.refused(e);
      worker.close();
      throw e;
    }
  }

  /// The walk of a request, from its far end: app ◄ admit ◄ stream ◄ link.
  private void assemble() throws IdentityProblem, IOException {
    Identity identity =
        Identity.load(
            new PeerIdentity(Node.Role.WORKER, config.self().node()), config.identity(), clock);
    loops = opened(EventLoops.start("loop", config.process().runtime()));
    loops.descriptors().check(CONNECTIONS);
    counters = new Counters(loops.loops());
    vitals =
        opened(
            Vitals.open(
                config.process().vitals(), config.self().node().value(), loops, counters, clock));
    ListenerSockets sockets = new ListenerSockets(loops, InheritedSockets.ofProcess());
    canary = opened(CanaryApp.start());
    state = followState();
    state.start();
    vitals.watch("feed-follower", state.follower().thread(), state.follower().progress());

    connector = new AppConnector(loops, counters);
    recent =
        new RecentExchanges(
            new AccessLog(config.process().accessLog()), clock, loops.loops().size());
    exchanges =
        new Exchanges(
            connector,
            ResponseEdits.none(),
            recent,
            FaultKind.APP_TIMEOUT,
            counters,
            loops.ticker());
    checks = opened(checks());
    Admission admission =
        new Admission(
            state.table(), config.self().node(), config.process().timeouts(), checks::standing);
    acceptor = opened(new LinkAcceptor(loops, identity, told(admission), exchanges, counters));
    connector.follow(acceptor::queuedBytes);
    loads = opened(loads());
    acceptor.follow(loads::edition);
    InetSocketAddress listening = acceptor.open(config.backhaul().listen(), sockets);
    sockets.inherited().checkAllTaken();
    bound = HostPort.of(listening);
    ways = List.of(new LinkWay(loops, identity, listening, canary));

    publisher = publish();
    AdminServer admin = opened(admin());
    vitals.watch("admin", admin.thread(), admin.progress());
    loads.start();
    if (state.beganWithLastGood()) {
      checks.start();
    }
  }

  /// Writes down what is planned as long as it takes, and remembers what was refused, for the
  /// operator who comes with the edge's id.
  private LinkPlanner told(LinkPlanner planner) {
    return (told, head) -> {
      Plan plan = noted(planner, told, head);
      if (plan instanceof Plan.Refuse(Fault fault)) {
        long now = loops.ticker().nanos();
        recent.refused(ExchangeRecord.refused(told.arrival(), head, fault, now));
      }
      return plan;
    };
  }

  private Plan noted(LinkPlanner planner, BackhaulHead told, RequestHead head) {
    FlightSlot flight = vitals.flight().here();
    flight.admit(
        told.instance().value(),
        told.arrival().id(),
        state.table().current().version(),
        told.arrival().startNanos());
    try {
      return planner.plan(told, head);
    } finally {
      flight.rest();
    }
  }

  private HealthChecks checks() {
    return new HealthChecks(
        state.table(),
        config.self().node(),
        config.apps().stream().map(WorkerConfig.AppEntry::id).toList(),
        new HealthChecks.Outside(
            rows -> publisher.health(rows), counters.shared(), loops.ticker(), clock));
  }

  private LoadReporter loads() {
    NodeId self = config.self().node();
    return new LoadReporter(
        connector.rooms(),
        state.table(),
        self,
        state.tellsLoads(self),
        counters.shared(),
        loops.ticker());
  }

  private FollowedState followState() throws IOException {
    List<Entity> own =
        canary.rows(config.self().node(), config.self().region(), List.of(CanaryApp.PORT));
    return opened(
        FollowedState.open(
            config.state(),
            config.self(),
            loops.ticker(),
            clock,
            vitals.setting(config.state().admission().faults(), own)));
  }

  private StatePublisher publish() {
    String told = config.backhaul().advertise();
    String address = told.isEmpty() ? bound.toString() : told;
    long generation = clock.millis();
    Node node =
        new Node(
            config.self().node(), config.self().region(), Node.Role.WORKER, address, generation);
    List<Instance> instances = new ArrayList<>();
    for (WorkerConfig.AppEntry app : config.apps()) {
      instances.add(
          new Instance(
              app.id(),
              app.app(),
              config.self().node(),
              config.self().region(),
              app.address(),
              app.port(),
              Instance.State.STARTED,
              app.labels(),
              generation));
    }
    StatePublisher made = state.publisher(node, instances);
    made.start();
    return made;
  }

  private AdminServer admin() throws IOException {
    WorkerPages pages =
        new WorkerPages(
            config.self(),
            bound,
            new TableViews(state.table(), state.follower()::beats, this::known),
            new WorkerPages.Sources(vitals, state.pages(), publisher, acceptor, recent),
            counters);
    return AdminServer.start(config.process().adminSocket(), pages.pages());
  }

  /// What this worker knows of an instance of its own.
  private TableViews.Local known(Candidate candidate) {
    InstanceId id = candidate.instance().id();
    HealthChecks.Health health = checks.views().get(id);
    if (health == null || !candidate.instance().node().equals(config.self().node())) {
      return TableViews.Local.NONE;
    }
    Room room = connector.rooms().find(id);
    long nanos = room == null ? -1 : room.latencyNanos(loops.ticker().nanos());
    return new TableViews.Local(
        health.standing(),
        health.detail(),
        room == null ? 0 : room.waiting(),
        nanos < 0 ? null : TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  /// Waits until rows are published and the table is loaded, then says so. With a last good table
  /// it waits for nobody: what edges know of this node is as old as what it knows itself.
  public void awaitReady() throws IOException, InterruptedException {
    if (!state.beganWithLastGood()) {
      awaitState();
      checks.start();
    }
    vitals.canary(ways);
    vitals.ready();
    LOG.info("worker {} serves on {}", config.self().node(), bound);
    if (config.process().readyFile() != null) {
      ReadyFile.write(
          config.process().readyFile(),
          Map.of(
              "pid",
              ProcessHandle.current().pid(),
              "node",
              config.self().node().value(),
              "region",
              config.self().region().code(),
              "admin",
              config.process().adminSocket().toString(),
              "addresses",
              Map.of("backhaul", bound.toString())));
    }
  }

  private void awaitState() throws InterruptedException {
    Duration step = Duration.ofSeconds(10);
    while (!publisher.awaitPublished(step)) {
      LOG.warn("waiting for state to take this node's rows");
    }
    while (!state.awaitServable(step)) {
      LOG.warn("waiting for the routing table");
    }
    long untilNanos = loops.ticker().nanos() + step.toNanos();
    while (!knowsItself() && loops.ticker().nanos() - untilNanos < 0) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    if (!knowsItself()) {
      LOG.warn("not all instances of this node came back from state: they are refused until then");
    }
  }

  /// Whether the table has what was published: before, a request for it would be refused.
  private boolean knowsItself() {
    RoutingSnapshot now = state.table().current();
    return config.apps().stream()
        .map(app -> now.instance(app.id()))
        .allMatch(mine -> mine != null && mine.instance().node().equals(config.self().node()));
  }

  /// What cannot be had is no update's fault; a bug may be.
  private void refused(Exception e) {
    if (vitals != null && !(e instanceof RuntimeException)) {
      vitals.stopping(Duration.ZERO);
    }
  }

  /// Where edges connect to.
  public HostPort bound() {
    return bound;
  }

  /// Withdraws the node, lets exchanges end until the deadline, and resets the rest.
  public void drain() throws InterruptedException {
    vitals.stopping(config.process().drain());
    publisher.withdraw(WITHDRAW_LIMIT);
    acceptor.drain();
    long deadlineNanos = loops.ticker().nanos() + config.process().drain().toNanos();
    // A link ends when both sides know which streams are the last: until then more may come.
    while ((exchanges.inFlight() > 0 || !acceptor.views().isEmpty())
        && loops.ticker().nanos() - deadlineNanos < 0) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    long left = exchanges.inFlight();
    int links = acceptor.views().size();
    if (left > 0 || links > 0) {
      LOG.warn("{} exchanges on {} links did not end in time and are reset", left, links);
    }
    connector.drain();
    LOG.info("worker {} stops", config.self().node());
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      AutoCloseable last = started.pop();
      try {
        if (last == loops) {
          loops.stop(STOP_LIMIT);
        } else {
          last.close();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.warn("{} did not close", last.getClass().getSimpleName(), e);
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    started.push(part);
    return part;
  }
}
