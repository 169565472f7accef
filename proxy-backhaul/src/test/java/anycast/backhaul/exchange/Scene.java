package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import anycast.routing.pick.ServiceStats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A client, a few candidates and a clock for the engine: everything that happens is a line.
final class Scene {
  final EmbeddedChannel channel = new EmbeddedChannel();
  final List<String> lines = new ArrayList<>();
  final List<FakeUpstream> attempts = new ArrayList<>();
  final List<Candidate> candidates = new ArrayList<>();
  final List<ExchangeRecord> records = new ArrayList<>();
  int window = 10;
  Fault failAtOnce;
  Exchange exchange;
  boolean requestEnded;
  boolean sendsAtOnce;
  Runnable whenOpened = () -> {};
  long nowNanos;

  /// Lines of upstreams begin with their instance.
  boolean named;

  String method = "POST";
  AsciiString upgrade;
  Plan.Timeouts timeouts =
      new Plan.Timeouts(TimeUnit.SECONDS.toNanos(30), TimeUnit.SECONDS.toNanos(60));
  ServicePolicy.Retry retry = ServicePolicy.Retry.USUAL;
  ServicePolicy.Hedge hedge = ServicePolicy.Hedge.NONE;
  ServiceStats stats = new ServiceStats();
  long queueNanos;
  ResponseEdits edits = ResponseEdits.none();
  final List<Terms.Copy> copies = new ArrayList<>();
  ExchangeLimits limits = ExchangeLimits.usual();
  final Counters counters = new Counters(List.of(channel.eventLoop()));
  ExchangeLog log = new RecordingLog();
  FakeConnector connector = new FakeConnector();
  private Exchanges exchanges;

  Scene() {
    channel.freezeTime();
  }

  void candidate(String instance, String node) {
    candidates.add(candidate(instance, node, 1));
  }

  static Candidate candidate(String instance, String node, int hardLimit) {
    AppId app = new AppId("shop");
    NodeId nodeId = new NodeId(node);
    RegionCode region = new RegionCode("fra");
    return new Candidate(
        new Instance(
            new InstanceId(instance),
            app,
            nodeId,
            region,
            "127.0.0.1",
            1,
            Instance.State.STARTED,
            Map.of(),
            1),
        new Service(
            app, "web", List.of(443), 80, Service.AppProtocol.HTTP1, false, 0, hardLimit, 1),
        new Node(nodeId, region, Node.Role.WORKER, "127.0.0.1:1", 1),
        new Load());
  }

  Exchanges exchanges() {
    if (exchanges == null) {
      exchanges =
          new Exchanges(
              connector,
              new Exchanges.Rules(
                  (head, arrival) -> head.fields().add(AsciiString.of("by"), "process"),
                  FaultKind.EXCHANGE_TIMEOUT,
                  limits),
              log,
              counters,
              () -> nowNanos);
    }
    return exchanges;
  }

  void begin(boolean end) {
    requestEnded = end;
    exchange = exchanges().begin(new FakeDownstream(), plan(), end, channel.eventLoop());
  }

  void await(long waitMillis, Supplier<Plan> again, boolean end) {
    requestEnded = end;
    exchange = exchanges().begin(new FakeDownstream(), wait(waitMillis, again), end, loop());
  }

  Plan.Await wait(long waitMillis, Supplier<Plan> again) {
    return new Plan.Await(
        arrival(), head(), "shop", millis(waitMillis), Fault.of(FaultKind.NO_TARGET), again);
  }

  EventLoop loop() {
    return channel.eventLoop();
  }

  private Arrival arrival() {
    return new Arrival("id-1", InetAddress.getLoopbackAddress(), 443, true, "2", 0);
  }

  private RequestHead head() {
    AsciiString slash = AsciiString.of("/");
    AsciiString host = AsciiString.of("shop.example");
    return new RequestHead(AsciiString.of(method), slash, host, slash, upgrade, new Fields());
  }

  Plan.Forward plan() {
    return new Plan.Forward(
        arrival(),
        head(),
        candidates,
        new Terms("shop/all", timeouts, retry, hedge, stats, queueNanos, edits, copies));
  }

  /// A copy goes to these.
  void copyTo(Candidate... to) {
    copies.add(new Terms.Copy(List.of(to), head()));
  }

  static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /// Lets time go by, a millisecond at a time.
  void pass(long millis) {
    for (long i = 0; i < millis; i++) {
      nowNanos += millis(1);
      channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  long count(Counter counter) {
    return counters.sum(counter);
  }

  ExchangeRecord record() {
    return records.getLast();
  }

  /// What was tried, as `a:200`.
  List<String> tries() {
    return record().tries().stream()
        .map(tried -> tried.candidate().instance().id() + ":" + tried.outcome())
        .toList();
  }

  void body(String text, boolean end) {
    requestEnded |= end;
    exchange.onRequestData(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), end);
  }

  FakeUpstream attempt(int i) {
    return attempts.get(i);
  }

  int inFlight() {
    return Stream.concat(candidates.stream(), copies.stream().flatMap(c -> c.candidates().stream()))
        .mapToInt(c -> c.load().inFlight())
        .sum();
  }

  long keptBytes() {
    return exchanges().kept().held();
  }

  static String text(ByteBuf data) {
    String text = data.toString(StandardCharsets.US_ASCII);
    data.release();
    return text;
  }

  private final class RecordingLog implements ExchangeLog {
    @Override
    public boolean wants(boolean faulty) {
      return true;
    }

    @Override
    public void ended(ExchangeRecord entry) {
      records.add(entry);
    }
  }

  final class FakeConnector implements Connector {
    final List<Attempt> asked = new ArrayList<>();

    @Override
    public boolean reserve(Candidate candidate) {
      return candidate.load().tryBegin(candidate.service().hardLimit());
    }

    @Override
    public Upstream open(Attempt attempt, UpstreamEvents events) {
      asked.add(attempt);
      String instance = attempt.candidate().instance().id().value();
      lines.add("open " + instance + (attempt.end() ? " end" : ""));
      FakeUpstream upstream = new FakeUpstream(events, named ? instance + ": " : "");
      attempts.add(upstream);
      whenOpened.run();
      if (failAtOnce != null) {
        events.onUpstreamFault(failAtOnce);
      }
      return upstream;
    }

    @Override
    public int replayBytes() {
      return window;
    }
  }

  final class FakeUpstream implements Upstream {
    final UpstreamEvents events;
    private final String name;
    boolean failed;
    boolean cancelled;
    Runnable whenCancelled = () -> {};

    FakeUpstream(UpstreamEvents events, String name) {
      this.events = events;
      this.name = name;
    }

    void head(int status, boolean end) {
      events.onResponseHead(new ResponseHead(status, new Fields()), end);
    }

    void body(String text, boolean end) {
      events.onResponseData(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), end);
    }

    void fails(FaultKind kind, Fault.Scope scope) {
      failed = true;
      events.onUpstreamFault(new Fault(kind, scope, ""));
    }

    @Override
    public void sendData(ByteBuf data, boolean end) {
      int bytes = data.readableBytes();
      lines.add(name + "up " + text(data) + (end ? " end" : ""));
      if (sendsAtOnce) {
        events.onRequestSent(bytes);
      }
    }

    @Override
    public void sendTrailers(Fields trailers) {
      lines.add(name + "up trailers");
    }

    @Override
    public void cancel(Fault why) {
      cancelled = true;
      lines.add(name + "cancel");
      whenCancelled.run();
    }

    @Override
    public void consumed(int bytes) {
      lines.add(name + "up consumed " + bytes);
    }
  }

  private final class FakeDownstream implements Downstream {
    @Override
    public void sendInformational(ResponseHead head) {
      lines.add("info " + head.status());
    }

    @Override
    public void sendHead(ResponseHead head, boolean end) {
      lines.add("head " + head.status() + (end ? " end" : ""));
    }

    @Override
    public void sendData(ByteBuf data, boolean end) {
      lines.add("down " + text(data) + (end ? " end" : ""));
    }

    @Override
    public void sendTrailers(Fields trailers) {
      lines.add("down trailers");
    }

    @Override
    public void sendFault(Fault fault) {
      lines.add("fault " + fault.kind());
    }

    @Override
    public void consumed(int bytes) {
      lines.add("credit " + bytes);
    }
  }
}
