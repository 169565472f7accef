package anycast.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Tier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Random histories against the rules written down naively.
class SnapshotModelTest {
  private static final List<String> APPS = List.of("a0", "a1", "a2");
  private static final List<String> IDS =
      List.of("i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9");
  private static final List<String> NODES = List.of("n0", "n1", "n2");
  private static final List<String> NAMES =
      List.of("x.org", "a.x.org", "b.a.x.org", "*.x.org", "*.a.x.org", "*.org", "*.b.a.x.org");
  private static final List<String> HOSTS =
      List.of("x.org", "a.x.org", "b.a.x.org", "c.b.a.x.org", "z.org", ".x.org", "org", "a.x.or");

  private final SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);

  @Property(tries = 400)
  void answersAsTheRulesSay(@ForAll("histories") List<Delta> history) {
    Oracle oracle = new Oracle();
    RoutingSnapshot snapshot = builder.empty();
    for (Delta delta : history) {
      Map<Entity.Key, Entity> before = Map.copyOf(oracle.rows);
      RoutingSnapshot base = snapshot;
      snapshot = builder.apply(base, delta);
      oracle.apply(delta);
      check(oracle, snapshot);
      oracle.rows.clear();
      oracle.rows.putAll(before);
      check(oracle, base);
      oracle.apply(delta);
    }
  }

  @Property(tries = 200)
  void orderAndGroupingOfRowsDoNotMatter(
      @ForAll("histories") List<Delta> history, @ForAll Random random) {
    Oracle oracle = new Oracle();
    history.forEach(oracle::apply);
    check(oracle, Rows.shuffled(builder, oracle.list(), random, 8));
  }

  @Property(tries = 200)
  void sameRowsAgainReturnTheBaseItself(@ForAll("histories") List<Delta> history) {
    Oracle oracle = new Oracle();
    RoutingSnapshot snapshot = builder.empty();
    for (Delta delta : history) {
      oracle.apply(delta);
      snapshot = builder.apply(snapshot, delta);
    }
    assertSame(snapshot, builder.apply(snapshot, Rows.puts(oracle.list().toArray(Entity[]::new))));
  }

  @Property(tries = 200)
  void removingEverythingLeavesNothing(
      @ForAll("histories") List<Delta> history, @ForAll Random random) {
    RoutingSnapshot snapshot = Rows.emptied(builder, history, random);
    check(new Oracle(), snapshot);
    assertEquals(0, snapshot.apps.names().size());
    assertEquals(0, snapshot.fleet.instances().size());
    assertEquals(0, snapshot.fleet.nodes().size());
    assertEquals(0, snapshot.fleet.regions().apps.size());
    assertEquals(0, snapshot.fleet.standings().health().size());
    assertEquals(0, snapshot.fleet.standings().cordons().size());
  }

  @Property(tries = 200)
  void listedRowsMakeAnEqualSnapshot(@ForAll("histories") List<Delta> history) {
    RoutingSnapshot snapshot = builder.empty();
    for (Delta delta : history) {
      snapshot = builder.apply(snapshot, delta);
    }
    List<Entity> rows = new ArrayList<>();
    snapshot.eachEntity(rows::add);
    RoutingSnapshot again = builder.apply(builder.empty(), Rows.puts(rows.toArray(Entity[]::new)));
    assertEquals(snapshot.counts(), again.counts());
    assertEquals(List.of(), SnapshotDiff.of(snapshot, again));
    assertEquals(List.of(), SnapshotDiff.of(again, snapshot));
    assertEquals(rows.size(), again.changes());
  }

  @Property(tries = 300)
  void differencesBetweenVersionsAreThoseOfTheRows(
      @ForAll("histories") List<Delta> history, @ForAll Random random) {
    List<RoutingSnapshot> versions = new ArrayList<>(List.of(builder.empty()));
    List<Map<Entity.Key, Entity>> rows = new ArrayList<>(List.of(Map.of()));
    Oracle oracle = new Oracle();
    for (Delta delta : history) {
      versions.add(builder.apply(versions.getLast(), delta));
      oracle.apply(delta);
      rows.add(Map.copyOf(oracle.rows));
    }
    int a = random.nextInt(versions.size());
    int b = random.nextInt(versions.size());
    Map<Entity.Key, SnapshotDiff.Difference> expected = new HashMap<>();
    Set<Entity.Key> keys = new HashSet<>(rows.get(a).keySet());
    keys.addAll(rows.get(b).keySet());
    for (Entity.Key key : keys) {
      Entity was = rows.get(a).get(key);
      Entity now = rows.get(b).get(key);
      if (was == null || !was.equals(now)) {
        expected.put(key, new SnapshotDiff.Difference(was, now));
      }
    }
    Map<Entity.Key, SnapshotDiff.Difference> told = new HashMap<>();
    for (SnapshotDiff.Difference one : SnapshotDiff.of(versions.get(a), versions.get(b))) {
      assertNull(told.put(one.key(), one), "told twice: " + one);
    }
    assertEquals(expected, told);
  }

  private static void check(Oracle oracle, RoutingSnapshot snapshot) {
    assertEquals(oracle.counts(), snapshot.counts());
    for (String host : HOSTS) {
      AppId owner = oracle.find(host);
      assertEquals(owner == null ? null : owner.name(), Rows.owner(snapshot, host), host);
      assertEquals(oracle.certificate(host), snapshot.certificate(host), host);
    }
    APPS.forEach(app -> checkApp(oracle, new AppId(app), snapshot.app(new AppId(app))));
    for (String id : IDS) {
      Candidate candidate = snapshot.instance(new InstanceId(id));
      Instance expected = oracle.instance(new InstanceId(id));
      assertEquals(expected, candidate == null ? null : candidate.instance());
      byte[] bytes = ("<" + id + ">").getBytes(StandardCharsets.US_ASCII);
      assertSame(candidate, snapshot.instance(bytes, 1, bytes.length - 2));
      if (candidate != null) {
        List<Service> services = oracle.services(expected.app());
        assertEquals(services.isEmpty() ? null : services.getFirst(), candidate.service());
        assertEquals(oracle.node(expected.node()), candidate.node());
        assertEquals(oracle.standing(expected), candidate.standing());
        assertSame(snapshot.path(expected.node()), candidate.path());
      }
    }
    NODES.forEach(n -> assertEquals(oracle.node(new NodeId(n)), snapshot.node(new NodeId(n))));
    checkRows(oracle, snapshot);
  }

  private static void checkRows(Oracle oracle, RoutingSnapshot snapshot) {
    List<Entity> listed = new ArrayList<>();
    snapshot.eachHostname(listed::add);
    snapshot.eachInstance(candidate -> listed.add(candidate.instance()));
    snapshot.eachNode(listed::add);
    snapshot.eachVirtualService(listed::add);
    assertEquals(
        oracle.list().stream()
            .filter(e ->
                e instanceof Hostname
                    || e instanceof Instance
                    || e instanceof Node
                    || e instanceof VirtualService)
            .collect(Collectors.toSet()),
        new HashSet<>(listed));
    List<Entity> all = new ArrayList<>();
    snapshot.eachEntity(all::add);
    assertEquals(oracle.rows.size(), all.size());
    assertEquals(new HashSet<>(oracle.rows.values()), new HashSet<>(all));
    all.forEach(row -> assertEquals(row, snapshot.find(row.key())));
    for (String app : APPS) {
      AppId id = new AppId(app);
      assertEquals(oracle.regions(id), snapshot.regions(id));
      assertEquals(oracle.rows.get(new Entity.AppKey(id)), snapshot.find(new Entity.AppKey(id)));
      Entity.Key service = new Entity.ServiceKey(id, "s1");
      assertEquals(oracle.rows.get(service), snapshot.find(service));
    }
    for (String name : NAMES) {
      for (Entity.Key key :
          List.of(new Entity.HostnameKey(name), new Entity.CertificateKey(name))) {
        assertEquals(oracle.rows.get(key), snapshot.find(key));
      }
    }
    for (String node : NODES) {
      Entity.Key key = new Entity.InstanceKey(new NodeId(node), new InstanceId("i0"));
      assertEquals(oracle.rows.get(key), snapshot.find(key));
    }
  }

  private static void checkApp(Oracle oracle, AppId id, AppRoute route) {
    if (!oracle.exists(id)) {
      assertNull(route);
      return;
    }
    assertEquals(
        oracle.services(id), route.services().stream().map(ServiceRoute::service).toList());
    for (int port : new int[] {80, 443, 8080, 9}) {
      ServiceRoute service = route.service(port);
      assertEquals(oracle.service(id, port), service == null ? null : service.service());
    }
    for (ServiceRoute service : route.services()) {
      checkPicker(oracle, id, service);
    }
  }

  private static void checkPicker(Oracle oracle, AppId id, ServiceRoute route) {
    List<Candidate> all = route.picker().candidates();
    assertEquals(
        oracle.instances(id), all.stream().map(Candidate::instance).collect(Collectors.toSet()));
    all.forEach(candidate -> assertEquals(route.service(), candidate.service()));
    all.forEach(c -> assertEquals(oracle.node(c.instance().node()), c.node()));
    all.forEach(c -> assertEquals(oracle.standing(c.instance()), c.standing()));
    Set<Instance> routable = oracle.routable(id);
    List<Instance> tiered = new ArrayList<>();
    for (Tier tier : route.picker().tiers(0)) {
      tier.candidates().forEach(candidate -> tiered.add(candidate.instance()));
    }
    assertEquals(routable, new HashSet<>(tiered));
    assertEquals(routable.size(), tiered.size());
    PickResult result = route.picker().pick(PickRequest.of(8, 0, id.hashCode()));
    if (routable.isEmpty()) {
      assertInstanceOf(PickResult.None.class, result);
    } else {
      List<Candidate> picked = ((PickResult.Picked) result).candidates();
      assertEquals(Math.min(8, routable.size()), new HashSet<>(picked).size());
      picked.forEach(candidate -> assertEquals(true, routable.contains(candidate.instance())));
    }
  }

  @Provide
  Arbitrary<List<Delta>> histories() {
    Arbitrary<Change> change =
        Combinators.combine(entities(), Arbitraries.integers().between(0, 3))
            .as((e, dice) -> dice == 0 ? new Change.Remove(e.key()) : new Change.Put(e));
    return change.list().ofMinSize(1).ofMaxSize(12).map(Delta::new).list().ofMaxSize(12);
  }

  static Arbitrary<Entity> entities() {
    Arbitrary<AppId> app = Arbitraries.of(APPS).map(AppId::new);
    Arbitrary<NodeId> node = Arbitraries.of(NODES).map(NodeId::new);
    Arbitrary<RegionCode> region = Arbitraries.of("fra", "iad").map(RegionCode::new);
    Arbitrary<Long> generation = Arbitraries.longs().between(1, 3);
    Arbitrary<Entity> services =
        Combinators.combine(
                app,
                Arbitraries.of("s0", "s1"),
                Arbitraries.of(80, 443, 8080).list().uniqueElements().ofMaxSize(2),
                generation)
            .as((a, id, ports, g) ->
                new Service(a, id, ports, 1, Service.AppProtocol.H2C, true, 0, 0, g));
    Arbitrary<Entity> instances =
        Combinators.combine(
                Arbitraries.of(IDS),
                app,
                node,
                Arbitraries.of(
                    Instance.State.STARTED, Instance.State.STARTED, Instance.State.STOPPED),
                generation)
            .as((id, a, n, state, g) -> Rows.instance(id, a.name(), n.value(), state, g));
    Arbitrary<Entity> nodes =
        Combinators.combine(node, region, Arbitraries.of("", "h:1", "h:2"), generation)
            .as((n, r, backhaul, g) -> new Node(n, r, Node.Role.WORKER, backhaul, g));
    Arbitrary<Entity> names =
        Combinators.combine(Arbitraries.of(NAMES), app, generation).as(Hostname::new);
    Arbitrary<Entity> certificates =
        Combinators.combine(Arbitraries.of(NAMES), generation)
            .as((name, g) -> new Certificate(name, "chain", "key", g));
    Arbitrary<Entity> apps = Combinators.combine(app, generation).as(App::new);
    Arbitrary<Entity> virtual =
        Combinators.combine(Arbitraries.of("v0", "v1"), generation)
            .as((name, g) -> new VirtualService(name, "{}", g));
    Arbitrary<Entity> regions =
        Combinators.combine(app, node, region, Arbitraries.integers().between(0, 2), generation)
            .as(AppRegion::new);
    Arbitrary<InstanceId> id = Arbitraries.of(IDS).map(InstanceId::new);
    Arbitrary<Entity> health =
        Combinators.combine(node, id, Arbitraries.of(InstanceHealth.Status.values()), generation)
            .as((n, i, status, g) -> new InstanceHealth(n, i, status, "", g));
    Arbitrary<Entity> cordons =
        Combinators.combine(node, id, generation).as((n, i, g) -> new Cordon(n, i, "", g));
    return Arbitraries.oneOf(
        services,
        instances,
        instances,
        nodes,
        names,
        certificates,
        apps,
        virtual,
        regions,
        health,
        cordons);
  }
}
