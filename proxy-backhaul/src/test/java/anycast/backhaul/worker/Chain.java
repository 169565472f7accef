package anycast.backhaul.worker;

import anycast.backhaul.exchange.ExchangeLog;
import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.ResponseEdits;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.identity.Identity;
import anycast.backhaul.identity.PrivateCa;
import anycast.backhaul.link.BackhaulConnector;
import anycast.backhaul.link.LinkAcceptor;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.model.ServicePolicy;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import anycast.routing.pick.Locality;
import anycast.routing.pick.Standing;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// An edge's connector, a link with mutual TLS over a real socket, and a worker: everything between
/// the two engines and an app.
public final class Chain {
  public static final NodeId WORKER = new NodeId("wrk-fra-1");
  public static final NodeId EDGE = new NodeId("edge-fra-1");
  public static final InstanceId HELLO = new InstanceId("hello-1");
  public static final RegionCode FRA = new RegionCode("fra");
  public static final AppId APP = new AppId("hello");

  public final EventLoops edgeLoops = EventLoops.start("edge", Transport.AUTO, 1);
  public final EventLoops workerLoops = EventLoops.start("worker", Transport.AUTO, 1);
  public final Fleet edgeFleet = new Fleet(EDGE);
  public final Fleet workerFleet = new Fleet(WORKER);
  public final BackhaulConnector connector;
  public final Exchanges exchanges;
  public LinkAcceptor acceptor;
  public InetSocketAddress bound;

  private final Identity workerIdentity;
  final AppConnector apps;

  /// What the worker's checks say of all instances.
  volatile Standing checked = Standing.READY;

  public final Counters counters;

  /// One process' picture of the world.
  public static final class Fleet {
    private final SnapshotBuilder builder;
    public final RoutingTable table;

    Fleet(NodeId self) {
      builder = new SnapshotBuilder(new Locality(self, FRA));
      table = new RoutingTable(builder.empty());
    }

    public void put(Entity... entities) {
      List<Change> changes = new ArrayList<>();
      Arrays.stream(entities).forEach(entity -> changes.add(new Change.Put(entity)));
      table.publish(builder.apply(table.current(), new Delta(changes)));
    }

    public void remove(Entity.Key key) {
      Delta delta = new Delta(List.of(new Change.Remove(key)));
      table.publish(builder.apply(table.current(), delta));
    }
  }

  public static Chain start(Path directory) throws Exception {
    PrivateCa ca = ca(directory);
    return new Chain(
        identity(ca, directory, Node.Role.EDGE, EDGE),
        identity(ca, directory, Node.Role.WORKER, WORKER));
  }

  public static PrivateCa ca(Path directory) throws Exception {
    return PrivateCa.init(directory.resolve("ca"), InstantSource.system());
  }

  public static Identity identity(PrivateCa ca, Path directory, Node.Role role, NodeId node)
      throws Exception {
    return Identity.load(
        ca.issue(role, node, Duration.ofDays(1))
            .write(Files.createDirectories(directory), node.value(), ca.certificateFile()),
        InstantSource.system());
  }

  public Chain(Identity edge, Identity worker) throws Exception {
    workerIdentity = worker;
    counters = new Counters(workerLoops.loops());
    apps = new AppConnector(workerLoops, counters);
    exchanges =
        new Exchanges(
            apps,
            ResponseEdits.none(),
            ExchangeLog.none(),
            FaultKind.APP_TIMEOUT,
            counters,
            workerLoops.ticker());
    connector =
        new BackhaulConnector(edgeLoops, edge, edgeFleet.table, new Counters(edgeLoops.loops()));
    listen();
    edgeFleet.put(node());
  }

  /// Accepts links, on a new port.
  public void listen() throws Exception {
    listen(new Plan.Timeouts(0, 0));
  }

  /// Apps get this much time from now on.
  public void limit(Duration response, Duration idle) throws Exception {
    acceptor.close();
    listen(new Plan.Timeouts(response.toNanos(), idle.toNanos()));
    edgeFleet.put(node());
  }

  private void listen(Plan.Timeouts timeouts) throws Exception {
    Admission admission = new Admission(workerFleet.table, WORKER, timeouts, candidate -> checked);
    acceptor = new LinkAcceptor(workerLoops, workerIdentity, admission, exchanges, counters);
    apps.follow(acceptor::queuedBytes);
    bound = acceptor.bind(new InetSocketAddress("127.0.0.1", 0));
  }

  public Node node() {
    return new Node(
        WORKER, FRA, Node.Role.WORKER, "127.0.0.1:" + bound.getPort(), System.nanoTime());
  }

  public static Service service(AppProtocol protocol, int hardLimit) {
    return new Service(APP, "web", List.of(80, 443), 8080, protocol, false, 0, hardLimit, 1);
  }

  public static Instance instance(int port, Instance.State state) {
    return new Instance(HELLO, APP, WORKER, FRA, "127.0.0.1", port, state, Map.of(), 1);
  }

  /// The same instance as another node's.
  public static Instance elsewhere(int port) {
    NodeId other = new NodeId("wrk-fra-2");
    return new Instance(
        HELLO, APP, other, FRA, "127.0.0.1", port, Instance.State.STARTED, Map.of(), 1);
  }

  /// Lets the worker know an app on this port.
  public void runs(int port) {
    runs(port, AppProtocol.HTTP1, 0);
  }

  public void runs(int port, AppProtocol protocol, int hardLimit) {
    workerFleet.put(
        new App(APP, 1),
        service(protocol, hardLimit),
        node(),
        instance(port, Instance.State.STARTED));
  }

  /// Lets the worker know an app on this port, with this service.
  public void runs(int port, Service service) {
    workerFleet.put(new App(APP, 1), service, node(), instance(port, Instance.State.STARTED));
  }

  /// The web service with one request at a time and this policy.
  public static Service service(AppProtocol protocol, int hardLimit, ServicePolicy policy) {
    return new Service(
        APP, "web", List.of(80, 443), 8080, protocol, false, 0, hardLimit, 1, policy);
  }

  public Call patient(RequestHead head, Duration queue) {
    return patient(head, queue, true);
  }

  public Call patient(RequestHead head, Duration queue, boolean end) {
    return Call.patient(edgeLoops.loops().getFirst(), connector, candidate(), head, end, queue);
  }

  /// With so much time for the connection to the app.
  public Call hurried(RequestHead head, Duration connect) {
    return Call.hurried(edgeLoops.loops().getFirst(), connector, candidate(), head, connect);
  }

  /// For another service of the instance.
  public Call callOn(Service service, RequestHead head) {
    Candidate usual = candidate();
    Candidate of = new Candidate(usual.instance(), service, usual.node(), new Load());
    return Call.open(edgeLoops.loops().getFirst(), connector, of, head, true);
  }

  /// Sends the edge to this port for the worker.
  public void reachedBy(int port) {
    edgeFleet.put(new Node(WORKER, FRA, Node.Role.WORKER, "127.0.0.1:" + port, System.nanoTime()));
  }

  /// What an edge would have picked.
  public Candidate candidate() {
    Node node = edgeFleet.table.current().node(WORKER);
    return new Candidate(
        instance(0, Instance.State.STARTED),
        service(AppProtocol.HTTP1, 0),
        node == null ? node() : node,
        new Load());
  }

  public Call call(RequestHead head, boolean end) {
    return Call.open(edgeLoops.loops().getFirst(), connector, candidate(), head, end);
  }

  public Call stalled(RequestHead head) {
    return Call.open(edgeLoops.loops().getFirst(), connector, candidate(), head, true, false);
  }

  public Call get(String path) {
    return call(Call.get(path), true);
  }

  public void close() throws Exception {
    connector.drain();
    acceptor.close();
    edgeLoops.stop(Duration.ofSeconds(5));
    workerLoops.stop(Duration.ofSeconds(5));
  }
}
