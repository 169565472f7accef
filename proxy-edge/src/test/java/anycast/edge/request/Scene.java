package anycast.edge.request;

import anycast.backhaul.exchange.Arrival;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.head.Fields;
import anycast.backhaul.head.RequestHead;
import anycast.edge.tls.CertifiedNames;
import anycast.routing.admission.RuleFaults;
import anycast.routing.document.DocumentReader;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A small world, and one request in it.
public final class Scene {
  public static final RegionCode FRA = new RegionCode("fra");
  public static final Locality SELF = new Locality(new NodeId("edge-fra-1"), FRA);
  static final InetAddress CLIENT = InetAddress.ofLiteral("203.0.113.7");
  static final InetAddress LOCAL = InetAddress.ofLiteral("192.0.2.80");

  private final List<Entity> entities = new ArrayList<>();

  /// Hello serves a.test and *.wild.test on 80 and 443; shop forces https; idle has no instance.
  public static Scene usual() {
    return new Scene()
        .worker("wrk-fra-1", "fra")
        .worker("wrk-iad-1", "iad")
        .app("hello", false, "a.test", "*.wild.test")
        .app("shop", true, "shop.test")
        .app("idle", false, "idle.test")
        .instance("hello-1", "hello", "wrk-fra-1", "fra", Instance.State.STARTED)
        .instance("hello-2", "hello", "wrk-iad-1", "iad", Instance.State.STARTED)
        .instance("hello-3", "hello", "wrk-fra-1", "fra", Instance.State.STOPPED)
        .instance("shop-1", "shop", "wrk-fra-1", "fra", Instance.State.STARTED);
  }

  Scene worker(String id, String region) {
    return with(
        new Node(new NodeId(id), new RegionCode(region), Node.Role.WORKER, "127.0.0.1:7000", 1));
  }

  public Scene app(String name, boolean forceHttps, String... hosts) {
    AppId app = new AppId(name);
    with(new App(app, 1));
    with(
        new Service(
            app, "web", List.of(80, 443), 8080, Service.AppProtocol.HTTP1, forceHttps, 0, 0, 1));
    for (String host : hosts) {
      with(new Hostname(host, app, 1));
    }
    return this;
  }

  Scene instance(String id, String app, String node, String region, Instance.State state) {
    return with(
        new Instance(
            new InstanceId(id),
            new AppId(app),
            new NodeId(node),
            new RegionCode(region),
            "127.0.0.1",
            9101,
            state,
            Map.of(),
            1));
  }

  /// A started instance with labels, `a=b` each.
  Scene labelled(String id, String app, String node, String... labels) {
    Map<String, String> map = new HashMap<>();
    for (String label : labels) {
      int equals = label.indexOf('=');
      map.put(label.substring(0, equals), label.substring(equals + 1));
    }
    return with(
        new Instance(
            new InstanceId(id),
            new AppId(app),
            new NodeId(node),
            new RegionCode(node.substring(4, 7)),
            "127.0.0.1",
            9101,
            Instance.State.STARTED,
            map,
            1));
  }

  /// A virtual service as its author writes it.
  public Scene virtual(String name, String document) {
    return with(new VirtualService(name, document, 1, DocumentReader.rules(document)));
  }

  /// One with a built-in fault.
  Scene poisoned(String name, String document) {
    return with(new VirtualService(name, document, 1, DocumentReader.rules(document, true)));
  }

  /// An app's service `web`, with a policy.
  Scene service(String app, ServicePolicy policy, boolean forceHttps, int... ports) {
    return with(
        new Service(
            new AppId(app),
            "web",
            Arrays.stream(ports).boxed().toList(),
            8080,
            Service.AppProtocol.HTTP1,
            forceHttps,
            0,
            0,
            2,
            policy));
  }

  /// What a node counts, whether its instances are known or not.
  Scene runs(String app, String node, String region, int instances) {
    return with(
        new AppRegion(new AppId(app), new NodeId(node), new RegionCode(region), instances, 1));
  }

  public Scene with(Entity entity) {
    entities.add(entity);
    return this;
  }

  public List<Change> changes() {
    return entities.stream().map(Change.Put::new).map(Change.class::cast).toList();
  }

  public RoutingSnapshot snapshot() {
    SnapshotBuilder builder = new SnapshotBuilder(SELF);
    return builder.apply(builder.empty(), new Delta(changes()));
  }

  static Visitor plain() {
    return Visitor.of(
        new Secured(new Accepted("http", 80, CLIENT, LOCAL), null), TrustedProxies.none());
  }

  static Visitor tls(String... names) {
    return Visitor.of(
        new Secured(new Accepted("https", 443, CLIENT, LOCAL), CertifiedNames.of(names)),
        TrustedProxies.none());
  }

  static Arrival arrival(Visitor visitor) {
    Secured secured = visitor.secured();
    return new Arrival(
        "01JD3M5W3V9TQ4Z8R6K2N7XBCA-fra",
        CLIENT,
        secured.accepted().port(),
        secured.tls(),
        "1.1",
        0);
  }

  static EdgePlanner planner() {
    return new EdgePlanner(
        new HeaderRules(FRA), PathRules.USUAL, new Plan.Timeouts(1, 2), 443, new RuleFaults());
  }

  /// Plans at a moment of this world; who waits looks at it again.
  static Plan plan(
      EdgePlanner planner, RoutingSnapshot world, Visitor visitor, RequestHead head, long random) {
    Moment now = new Moment(world, 0, random);
    return planner.plan(now, visitor, arrival(visitor), head, () -> now);
  }

  static RequestHead head(String method, String authority, String path, String... fields) {
    Fields list = new Fields();
    for (int i = 0; i < fields.length; i += 2) {
      list.add(fields[i], fields[i + 1]);
    }
    return new RequestHead(
        AsciiString.of(method),
        AsciiString.of("https"),
        AsciiString.of(authority),
        AsciiString.of(path),
        null,
        list);
  }
}
