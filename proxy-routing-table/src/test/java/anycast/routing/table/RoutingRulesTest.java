package anycast.routing.table;

import static anycast.routing.table.Rows.app;
import static anycast.routing.table.Rows.certificate;
import static anycast.routing.table.Rows.host;
import static anycast.routing.table.Rows.instance;
import static anycast.routing.table.Rows.node;
import static anycast.routing.table.Rows.owner;
import static anycast.routing.table.Rows.puts;
import static anycast.routing.table.Rows.removes;
import static anycast.routing.table.Rows.service;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import anycast.routing.model.AppId;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Load;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Picker;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutingRulesTest {
  private final SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);

  private RoutingSnapshot after(Delta... deltas) {
    RoutingSnapshot snapshot = builder.empty();
    for (Delta delta : deltas) {
      snapshot = builder.apply(snapshot, delta);
    }
    return snapshot;
  }

  @Test
  void exactNameBeatsLongestWildcardBeatsShorterWildcard() {
    RoutingSnapshot snapshot =
        after(
            puts(
                app("exact"),
                app("long"),
                app("short"),
                host("www.eu.example.com", "exact"),
                host("*.eu.example.com", "long"),
                host("*.example.com", "short")));
    assertEquals("exact", owner(snapshot, "www.eu.example.com"));
    assertEquals("long", owner(snapshot, "a.eu.example.com"));
    assertEquals("long", owner(snapshot, "b.a.eu.example.com"));
    assertEquals("short", owner(snapshot, "eu.example.com"));
    assertEquals("short", owner(snapshot, "a.b.c.example.com"));
    assertNull(owner(snapshot, "example.com"));
    assertNull(owner(snapshot, ".example.com"));
    assertNull(owner(snapshot, "badexample.com"));
  }

  @Test
  void aNameOfAnUnknownAppDoesNotFallBackToAWildcard() {
    RoutingSnapshot snapshot =
        after(puts(app("shop"), host("*.example.com", "shop"), host("a.example.com", "late")));
    assertNull(owner(snapshot, "a.example.com"));
    snapshot = builder.apply(snapshot, puts(service("late", "web", 443)));
    assertEquals("late", owner(snapshot, "a.example.com"));
  }

  @Test
  void hostsThatNoNameCanMatchAreUnknown() {
    RoutingSnapshot snapshot = after(puts(app("shop"), host("*.example.com", "shop")));
    assertNull(owner(snapshot, ""));
    assertNull(owner(snapshot, "."));
    assertNull(owner(snapshot, "a".repeat(300) + ".example.com"));
    assertNull(owner(snapshot, ".".repeat(253)));
    assertEquals("shop", owner(snapshot, "a.".repeat(120) + "example.com"));
  }

  @Test
  void removedWildcardNoLongerMatches() {
    RoutingSnapshot snapshot = after(puts(app("shop"), host("*.example.com", "shop")));
    RoutingSnapshot next = builder.apply(snapshot, removes(host("*.example.com", "shop")));
    assertNull(owner(next, "a.example.com"));
    assertEquals("shop", owner(snapshot, "a.example.com"));
  }

  @Test
  void certificateWildcardCoversOneLabelOnly() {
    RoutingSnapshot snapshot =
        after(puts(certificate("*.example.com"), certificate("b.example.com")));
    assertEquals("*.example.com", snapshot.certificate("a.example.com").name());
    assertEquals("b.example.com", snapshot.certificate("b.example.com").name());
    assertNull(snapshot.certificate("c.a.example.com"));
    assertNull(snapshot.certificate("example.com"));
    assertNull(snapshot.certificate(".example.com"));
    assertNull(snapshot.certificate(""));
  }

  @Test
  void ofTwoServicesThatClaimAPortTheFirstByIdHasIt() {
    RoutingSnapshot snapshot =
        after(puts(service("shop", "b", 80, 443)), puts(service("shop", "a", 443)));
    AppRoute route = snapshot.app(new AppId("shop"));
    assertEquals("a", route.service(443).service().id());
    assertEquals("b", route.service(80).service().id());
    assertNull(route.service(8443));
  }

  @Test
  void whileAnInstanceMovesTheStartedRowOfTheHigherGenerationIsTheInstance() {
    Instance old = instance("i", "shop", "n1", Instance.State.STARTED, 4);
    Instance created = instance("i", "shop", "n2", Instance.State.CREATED, 5);
    Instance started = instance("i", "shop", "n2", Instance.State.STARTED, 5);
    RoutingSnapshot moving = after(puts(old, created));
    assertSame(old, moving.instance(new InstanceId("i")).instance());
    assertEquals(2, moving.counts().instances());
    RoutingSnapshot moved = builder.apply(moving, puts(started));
    assertSame(started, moved.instance(new InstanceId("i")).instance());
    RoutingSnapshot done = builder.apply(moved, removes(old));
    assertEquals("n2", done.instance(new InstanceId("i")).instance().node().value());
    assertEquals(1, done.counts().instances());
  }

  @Test
  void anInstanceIsRoutableOnceItsNodeIsKnownAndAcceptsLinks() {
    RoutingSnapshot snapshot =
        after(puts(service("shop", "web", 443), instance("i", "shop", "n1")));
    assertEquals(
        new PickResult.None(
            PickResult.Why.NOT_RUNNING,
            "1 instance, 1 started, none on a known node that accepts links"),
        picker(snapshot).pick(PickRequest.of(2, 0, 1)));
    Node edge = new Node(new NodeId("n1"), new RegionCode("fra"), Node.Role.EDGE, "", 1);
    snapshot = builder.apply(snapshot, puts(edge));
    assertInstanceOf(PickResult.None.class, picker(snapshot).pick(PickRequest.of(2, 0, 1)));
    snapshot = builder.apply(snapshot, puts(node("n1", "fra")));
    PickResult.Picked picked = (PickResult.Picked) picker(snapshot).pick(PickRequest.of(2, 0, 1));
    assertEquals("n1:7", picked.candidates().getFirst().node().backhaul());
  }

  @Test
  void aNodeWithANewAddressIsWhereItsInstancesAreFoundAtOnce() {
    RoutingSnapshot snapshot =
        after(
            puts(service("shop", "web", 443), node("n1", "fra"), node("n2", "fra")),
            puts(instance("i1", "shop", "n1"), instance("i2", "shop", "n2")));
    Node moved =
        new Node(new NodeId("n1"), new RegionCode("fra"), Node.Role.WORKER, "elsewhere:9", 2);
    RoutingSnapshot next = builder.apply(snapshot, puts(moved));
    assertEquals("elsewhere:9", next.instance(new InstanceId("i1")).node().backhaul());
    assertEquals("n1:7", snapshot.instance(new InstanceId("i1")).node().backhaul());
    for (long random = 0; random < 20; random++) {
      ((PickResult.Picked) picker(next).pick(PickRequest.of(2, 0, random)))
          .candidates()
          .forEach(c -> assertSame(next.node(c.instance().node()), c.node()));
    }
  }

  @Test
  void loadCellOutlivesVersionsOfAnInstanceAndEndsWithIt() {
    RoutingSnapshot snapshot =
        after(puts(service("shop", "web", 443), node("n1", "fra"), instance("i", "shop", "n1")));
    Load load = snapshot.instance(new InstanceId("i")).load();
    Instance next = instance("i", "shop", "n1", Instance.State.STOPPING, 2);
    snapshot = builder.apply(snapshot, puts(next, service("shop", "api", 80)));
    assertSame(load, snapshot.instance(new InstanceId("i")).load());
    assertSame(load, picker(snapshot).candidates().getFirst().load());
    snapshot = builder.apply(snapshot, puts(instance("i", "shop", "n2")));
    snapshot = builder.apply(snapshot, removes(next));
    assertSame(load, snapshot.instance(new InstanceId("i")).load());
    snapshot = builder.apply(snapshot, removes(instance("i", "shop", "n2")));
    snapshot = builder.apply(snapshot, puts(instance("i", "shop", "n2")));
    assertNotSame(load, snapshot.instance(new InstanceId("i")).load());
  }

  @Test
  void anUpdateOfOneInstanceTouchesNeitherHostsNorOtherApps() {
    RoutingSnapshot base =
        after(
            puts(
                service("shop", "web", 443),
                service("blog", "web", 443),
                host("shop.example.com", "shop"),
                host("blog.example.com", "blog"),
                node("n1", "fra"),
                instance("i", "shop", "n1"),
                instance("j", "blog", "n1")));
    RoutingSnapshot next =
        builder.apply(base, puts(instance("i", "shop", "n1", Instance.State.STOPPED, 2)));
    assertEquals(base.version() + 1, next.version());
    assertSame(base.routes, next.routes);
    assertSame(base.apps.names(), next.apps.names());
    assertSame(base.app(new AppId("blog")), next.app(new AppId("blog")));
    assertNotSame(base.app(new AppId("shop")), next.app(new AppId("shop")));
    assertSame(base.fleet.nodes(), next.fleet.nodes());
  }

  @Test
  void aDeltaMayBeTriedAndThrownAway() {
    RoutingSnapshot base = after(puts(service("shop", "web", 443), node("n1", "fra")));
    builder.apply(base, puts(instance("i", "shop", "n1"), host("a.example.com", "shop")));
    RoutingSnapshot next = builder.apply(base, puts(instance("j", "shop", "n1")));
    assertNull(next.instance(new InstanceId("i")));
    assertNull(owner(next, "a.example.com"));
    assertEquals(1, picker(next).candidates().size());
  }

  @Test
  void slotsOfAppsThatWentAreTakenAgainWithoutMixUp() {
    RoutingSnapshot snapshot = after(puts(app("one"), host("one.example.com", "one")));
    snapshot = builder.apply(snapshot, removes(app("one"), host("one.example.com", "one")));
    snapshot = builder.apply(snapshot, puts(app("two"), host("two.example.com", "two")));
    snapshot = builder.apply(snapshot, puts(app("one"), host("one.example.com", "one")));
    assertEquals("one", owner(snapshot, "one.example.com"));
    assertEquals("two", owner(snapshot, "two.example.com"));
    assertEquals(List.of(), snapshot.app(new AppId("two")).services());
  }

  private static Picker picker(RoutingSnapshot snapshot) {
    return snapshot.app(new AppId("shop")).services().getLast().picker();
  }
}
