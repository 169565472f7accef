package anycast.edge.protocol;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Downstream;
import anycast.backhaul.exchange.Exchange;
import anycast.backhaul.exchange.ExchangeLog;
import anycast.backhaul.exchange.Exchanges;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.ResponseEdits;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.head.RequestHead;
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
import anycast.routing.time.Ticker;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// The edge's walk without routing: every request goes to the one app, through the real engine.
final class Walk implements RequestSink {
  private final App app;
  private final Ticker ticker;
  private final AtomicInteger ids = new AtomicInteger();
  private Exchanges exchanges;

  Walk(App app, Ticker ticker) {
    this.app = app;
    this.ticker = ticker;
  }

  @Override
  public String newExchangeId() {
    return "id-" + ids.incrementAndGet();
  }

  @Override
  public Exchange begin(
      Downstream downstream, RequestHead head, Arrival arrival, boolean end, EventLoop loop) {
    if (head.path().toString().startsWith("/local")) {
      downstream.sendHead(App.head(302, "location", "/"), true);
      return null;
    }
    app.loop = loop;
    if (exchanges == null) {
      exchanges =
          new Exchanges(
              app,
              ResponseEdits.none(),
              ExchangeLog.none(),
              FaultKind.EXCHANGE_TIMEOUT,
              new Counters(List.of(loop)),
              ticker);
    }
    Plan.Forward plan =
        new Plan.Forward(arrival, head, List.of(candidate()), new Plan.Timeouts(0, 0));
    return exchanges.begin(downstream, plan, end, loop);
  }

  private static Candidate candidate() {
    AppId app = new AppId("shop");
    NodeId node = new NodeId("n1");
    RegionCode region = new RegionCode("fra");
    return new Candidate(
        new Instance(
            new InstanceId("a"),
            app,
            node,
            region,
            "127.0.0.1",
            1,
            Instance.State.STARTED,
            Map.of(),
            1),
        new Service(app, "web", List.of(80), 80, Service.AppProtocol.HTTP1, false, 0, 0, 1),
        new Node(node, region, Node.Role.WORKER, "127.0.0.1:1", 1),
        new Load());
  }
}
