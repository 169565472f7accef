package anycast.edge;

import anycast.backhaul.exchange.AccessLog;
import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Connector;
import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.exchange.ExchangeLog;
import anycast.backhaul.exchange.ExchangeRecord;
import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.RecentExchanges;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.link.PerLoop;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.CounterCell;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.ListenerSockets;
import anycast.backhaul.runtime.LogRate;
import anycast.backhaul.watchdog.Flight;
import anycast.backhaul.watchdog.FlightSlot;
import anycast.edge.listener.ConnectionTerms;
import anycast.edge.listener.Listeners;
import anycast.edge.protocol.Http1Limits;
import anycast.edge.protocol.Http2Limits;
import anycast.edge.protocol.RefusalLog;
import anycast.edge.protocol.RequestSink;
import anycast.edge.protocol.Unread;
import anycast.edge.request.EdgePlanner;
import anycast.edge.request.FaultResponder;
import anycast.edge.request.HeaderRules;
import anycast.edge.request.Moment;
import anycast.edge.request.RequestIds;
import anycast.edge.request.Secured;
import anycast.edge.request.Visitor;
import anycast.edge.tls.CertificateStore;
import anycast.edge.tls.TlsSettings;
import anycast.routing.admission.RuleFaults;
import anycast.routing.model.Certificate;
import anycast.routing.table.RoutingTable;
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The edge's data path, assembled: listeners in front, a connector behind, the routing table
/// beside.
///
/// The walk of a connection stands in the listeners' pipeline, the walk of a request in
/// [#onRequest].
///
/// **Threading.** One thread opens, drains and closes it. Requests walk on their connection's event
/// loop; what a loop needs for itself is in its [Here].
public final class Edge implements AutoCloseable {
  /// Enough to see what is going on, too little to fill a disk.
  private static final int STRANGERS_LINES_PER_SECOND = 20;

  /// Loading a certificate is a millisecond of CPU; two at a time leave the loops their cores.
  private static final int CERTIFICATE_LOADERS = 2;

  /// Three round trips of a bad line, with retransmissions; browsers give up at about as much.
  private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final EdgeConfig config;
  private final RoutingTable table;
  private final Counters counters;
  private final Ticker ticker;
  private final ExchangeLog log;
  private final RecentExchanges recent;
  private final LogRate refusalLines = new LogRate(STRANGERS_LINES_PER_SECOND);
  private final Exchanges exchanges;
  private final EdgePlanner planner;
  private final Map<EventLoop, Here> heres = new ConcurrentHashMap<>();
  private final ExecutorService loaders =
      Executors.newFixedThreadPool(
          CERTIFICATE_LOADERS, Thread.ofPlatform().name("certificates-", 1).daemon().factory());
  private final ScheduledExecutorService housekeeping =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("housekeeping").daemon().factory());
  private final CertificateStore certificates = new CertificateStore(loaders);
  private final Listeners listeners;

  /// What one event loop has for itself.
  private record Here(
      EventLoop loop,
      RequestIds ids,
      Supplier<Moment> now,
      CounterCell counters,
      Exchanges exchanges) {
    /// For requests of the process to itself.
    Here uncounted(CounterCell aside) {
      return new Here(loop, ids, now, aside, exchanges.uncounted());
    }
  }

  /// Where the loops write for others.
  ///
  /// @param flight what they work on
  /// @param faults which rules failed at requests
  public record Notes(Flight flight, RuleFaults faults) {
    /// Nobody reads them.
    static final Notes NONE = new Notes(Flight.NONE, new RuleFaults());
  }

  /// One that writes down nowhere what it works on.
  public Edge(
      EdgeConfig config,
      EventLoops loops,
      RoutingTable table,
      Connector connector,
      Counters counters)
      throws IOException {
    this(config, ListenerSockets.bound(loops), table, connector, counters, Notes.NONE);
  }

  /// Takes the listeners' sockets; who connects waits in the kernel's queue until [#accept].
  ///
  /// @param sockets bound ones, or inherited ones, on the loops of the edge
  /// @param connector how instances are reached
  /// @param notes where the loops write what they work on, and what they stumbled over
  /// @throws IOException with one sentence where a listener cannot be had
  public Edge(
      EdgeConfig config,
      ListenerSockets sockets,
      RoutingTable table,
      Connector connector,
      Counters counters,
      Notes notes)
      throws IOException {
    EventLoops loops = sockets.loops();
    this.config = config;
    this.table = table;
    this.counters = counters;
    this.ticker = loops.ticker();
    EdgeConfig.Serving serving = config.serving();
    log = new AccessLog(serving.accessLog());
    recent = new RecentExchanges(log, InstantSource.system(), loops.loops().size());
    exchanges =
        new Exchanges(
            connector,
            new Exchanges.Rules(
                (head, arrival) -> HeaderRules.onResponse(head.fields(), arrival.id()),
                FaultKind.EXCHANGE_TIMEOUT,
                serving.limits().exchanges()),
            recent,
            counters,
            loops.ticker());
    planner =
        new EdgePlanner(
            new HeaderRules(config.self().region()),
            serving.paths(),
            serving.timeouts(),
            httpsPort(config),
            notes.faults());
    SplittableRandom seeds = new SplittableRandom(new SecureRandom().nextLong());
    for (int i = 0; i < loops.loops().size(); i++) {
      EventLoop loop = loops.loops().get(i);
      heres.put(loop, here(loop, seeds, notes.flight().loop(i)));
    }
    housekeeping.scheduleWithFixedDelay(
        certificates::rotateTicketKeys,
        CertificateStore.ticketRotationHours(),
        CertificateStore.ticketRotationHours(),
        TimeUnit.HOURS);
    listeners = Listeners.open(config.listeners(), sockets, terms(loops));
    loops.descriptors().check(serving.limits().connections());
  }

  /// The walk of a request, in execution order.
  ///
  /// @return null where the edge answered it by itself
  private Exchange onRequest(
      Here here,
      Visitor visitor,
      Downstream client,
      RequestHead head,
      Arrival arrival,
      boolean end) {
    here.counters().add(Counter.REQUESTS_BEGUN);
    Plan plan = planner.plan(here.now().get(), visitor, arrival, head, here.now());
    return switch (plan) {
      case Plan.Forward forward -> here.exchanges().begin(client, forward, end, here.loop());
      case Plan.Await wait -> here.exchanges().begin(client, wait, end, here.loop());
      case Plan.Answer answer -> {
        here.counters().add(Counter.RESPONSES_LOCAL);
        HeaderRules.onOwnAnswer(answer.head().fields(), arrival.id());
        client.sendHead(answer.head(), true);
        yield null;
      }
      case Plan.Refuse refuse -> {
        here.counters().add(Counter.RESPONSES_LOCAL);
        here.counters().fault(refuse.fault().kind());
        logRefusal(arrival, head, refuse.fault());
        client.sendFault(refuse.fault());
        yield null;
      }
    };
  }

  /// A refusal costs whoever asks nothing: unless all is written down, some a second are. The
  /// operator may ask for the others by their id while they are recent.
  private void logRefusal(Arrival arrival, RequestHead head, Fault fault) {
    long now = ticker.nanos();
    ExchangeRecord entry = ExchangeRecord.refused(arrival, head, fault, now);
    recent.refused(entry);
    if (log.wants(false) || log.wants(true) && refusalLines.permits(now)) {
      log.ended(entry);
    }
  }

  /// Begins to serve.
  public void accept() {
    listeners.accept();
  }

  public Listeners listeners() {
    return listeners;
  }

  /// What became of the last exchanges.
  public RecentExchanges recent() {
    return recent;
  }

  public EdgePlanner planner() {
    return planner;
  }

  /// The data path's clock.
  public long nowNanos() {
    return ticker.nanos();
  }

  public CertificateStore certificates() {
    return certificates;
  }

  /// The certificate that a server name gets at this moment; null name = the client sent none.
  public Certificate certificate(String name) {
    String asked = name == null ? config.serving().defaultCertificate() : name;
    return asked.isEmpty() ? null : table.current().certificate(asked);
  }

  /// Stops accepting and lets connections end in order.
  ///
  /// @return whether all ended before the deadline
  public boolean drain(Duration timeout) throws InterruptedException {
    return listeners.drain(timeout);
  }

  /// Closes what is still open.
  @Override
  public void close() {
    listeners.close();
    housekeeping.shutdownNow();
    // Waits for what is being loaded: a handshake on an event loop waits for it too.
    loaders.close();
    certificates.close();
  }

  private ConnectionTerms terms(EventLoops loops) {
    var all = loops.loops();
    return new ConnectionTerms(
        this::sink,
        new FaultResponder(config.self().node()),
        new TlsSettings(
            this::certificate,
            certificates,
            new LogRate(STRANGERS_LINES_PER_SECOND),
            HANDSHAKE_NANOS),
        new ConnectionTerms.Limits(
            config.serving().limits().connections(),
            Http1Limits.publicSide(),
            Http2Limits.publicSide()),
        counters,
        loops.ticker(),
        new RefusalLog(counters.shared(), loops.ticker(), STRANGERS_LINES_PER_SECOND),
        new PerLoop<>(all, loop -> new Unread(loop, Unread.limitBytes(all.size()))));
  }

  /// A connection's entrance to the walk.
  private RequestSink sink(Secured secured, EventLoop loop) {
    Here known = heres.get(loop);
    Here here = secured.accepted().own() ? known.uncounted(counters.aside()) : known;
    Visitor visitor = Visitor.of(secured, config.serving().trusted());
    return new RequestSink() {
      @Override
      public String newExchangeId() {
        return here.ids().next();
      }

      @Override
      public Exchange begin(
          Downstream client, RequestHead head, Arrival arrival, boolean end, EventLoop on) {
        return onRequest(here, visitor, client, head, arrival, end);
      }
    };
  }

  private Here here(EventLoop loop, SplittableRandom seeds, FlightSlot flight) {
    SplittableRandom random = seeds.split();
    return new Here(
        loop,
        new RequestIds(config.self().region(), InstantSource.system(), random),
        () -> new Moment(table.current(), ticker.nanos(), random.nextLong(), flight),
        counters.cell(loop),
        exchanges);
  }

  /// Where `force_https` sends clients: the first public port with TLS.
  private static int httpsPort(EdgeConfig config) {
    return config.listeners().stream()
        .filter(listener -> listener.tls())
        .mapToInt(listener -> listener.port())
        .findFirst()
        .orElse(443);
  }
}
