package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.backhaul.runtime.Counters;
import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

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
  long nowNanos;

  void candidate(String instance, String node) {
    AppId app = new AppId("shop");
    NodeId nodeId = new NodeId(node);
    RegionCode region = new RegionCode("fra");
    candidates.add(
        new Candidate(
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
            new Service(app, "web", List.of(443), 80, Service.AppProtocol.HTTP1, false, 0, 1, 1),
            new Node(nodeId, region, Node.Role.WORKER, "127.0.0.1:1", 1),
            new Load()));
  }

  void begin(boolean end) {
    requestEnded = end;
    Exchanges exchanges =
        new Exchanges(
            new FakeConnector(),
            ResponseEdits.none(),
            new RecordingLog(),
            FaultKind.EXCHANGE_TIMEOUT,
            new Counters(List.of()),
            () -> nowNanos);
    exchange = exchanges.begin(new FakeDownstream(), plan(), end, channel.eventLoop());
  }

  private Plan.Forward plan() {
    AsciiString slash = AsciiString.of("/");
    return new Plan.Forward(
        new Arrival("id-1", InetAddress.getLoopbackAddress(), 443, true, "2", 0),
        new RequestHead(AsciiString.of("POST"), slash, slash, slash, null, new Fields()),
        candidates,
        new Plan.Timeouts(TimeUnit.SECONDS.toNanos(30), TimeUnit.SECONDS.toNanos(60)));
  }

  void body(String text, boolean end) {
    requestEnded |= end;
    exchange.onRequestData(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), end);
  }

  FakeUpstream attempt(int i) {
    return attempts.get(i);
  }

  int inFlight() {
    return candidates.stream().mapToInt(c -> c.load().inFlight()).sum();
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

  private final class FakeConnector implements Connector {
    @Override
    public boolean reserve(Candidate candidate) {
      return candidate.load().tryBegin(candidate.service().hardLimit());
    }

    @Override
    public Upstream open(Attempt attempt, UpstreamEvents events) {
      lines.add("open " + attempt.candidate().instance().id() + (attempt.end() ? " end" : ""));
      FakeUpstream upstream = new FakeUpstream(events);
      attempts.add(upstream);
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
    boolean failed;

    FakeUpstream(UpstreamEvents events) {
      this.events = events;
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
      lines.add("up " + text(data) + (end ? " end" : ""));
      if (sendsAtOnce) {
        events.onRequestSent(bytes);
      }
    }

    @Override
    public void sendTrailers(Fields trailers) {
      lines.add("up trailers");
    }

    @Override
    public void cancel(Fault why) {
      lines.add("cancel");
    }

    @Override
    public void consumed(int bytes) {
      lines.add("up consumed " + bytes);
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
