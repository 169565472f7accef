package anycast.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.App;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Reserved;
import anycast.routing.model.Service;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The few rows that a process puts into its table by itself.
class OwnRowsTest {
  private static final RegionCode FRA = new RegionCode("fra");

  private static final List<Entity> OWN =
      List.of(
          new App(Reserved.APP, 1),
          new Service(
              Reserved.APP, "canary", List.of(443), 1, Service.AppProtocol.HTTP1, false, 0, 0, 1),
          new Instance(
              Reserved.INSTANCE,
              Reserved.APP,
              Reserved.NODE,
              FRA,
              "127.0.0.1",
              1,
              Instance.State.STARTED,
              Map.of("tier", "gold", "route.host", "shop.test"),
              1),
          new Node(Reserved.NODE, FRA, Node.Role.WORKER, "127.0.0.1:0", 1),
          new Hostname(Reserved.HOST, Reserved.APP, 1),
          new Certificate(Reserved.HOST, "chain", "key", 1));

  private static final List<Entity> STATE =
      List.of(
          Rows.app("shop"),
          Rows.service("shop", "web", 443),
          Rows.host("shop.test", "shop"),
          Rows.node("n1", "fra"),
          Rows.instance("i1", "shop", "n1"),
          new Certificate("shop.test", "chain", "key", 1));

  private final SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);

  private RoutingSnapshot with(RoutingSnapshot base, List<Entity> rows) {
    List<Change> puts = new ArrayList<>();
    rows.forEach(row -> puts.add(new Change.Put(row)));
    return builder.apply(base, new Delta(puts));
  }

  private static PickResult pick(RoutingSnapshot world, String host) {
    byte[] name = host.getBytes(StandardCharsets.US_ASCII);
    AppRoute app = world.find(name, 0, name.length);
    return app.service(443).picker().pick(PickRequest.of(1, 0, 0));
  }

  @Test
  void leadToTheCanaryBesideStateThatComesAndGoes() {
    RoutingSnapshot first = builder.first(OWN);
    assertInstanceOf(PickResult.Picked.class, pick(first, Reserved.HOST));
    RoutingSnapshot then = with(first, STATE);
    assertInstanceOf(PickResult.Picked.class, pick(then, Reserved.HOST));
    assertInstanceOf(PickResult.Picked.class, pick(then, "shop.test"));
    assertNotNull(then.certificate(Reserved.HOST));
  }

  @Test
  void areToldToNobodyAndCountNowhere() {
    RoutingSnapshot first = builder.first(OWN);
    assertEquals(0, first.version());
    assertEquals(0, first.changes());
    assertEquals(builder.empty().counts(), first.counts());
    RoutingSnapshot then = with(first, STATE);
    RoutingSnapshot without = with(builder.empty(), STATE);
    assertEquals(without.counts(), then.counts());
    assertEquals(without.version(), then.version());
    List<Entity> told = new ArrayList<>();
    then.eachEntity(told::add);
    assertEquals(STATE.size(), told.size(), told.toString());
    assertTrue(told.containsAll(STATE));
    then.eachNode(node -> assertTrue(!node.id().equals(Reserved.NODE)));
    then.eachHostname(host -> assertTrue(!host.name().equals(Reserved.HOST)));
    then.eachInstance(each -> assertTrue(!each.instance().id().equals(Reserved.INSTANCE)));
    List<Change> gone = STATE.stream().<Change>map(row -> new Change.Remove(row.key())).toList();
    assertEquals(builder.empty().counts(), builder.apply(then, new Delta(gone)).counts());
  }

  @Test
  void areTakenByNoSelectorAndMakeNoRoute() {
    String everything = "{hosts: [all.test], rules: [{to: [{selector: '!absent'}]}]}";
    String byApp =
        "{hosts: [app.test], rules: [{to: [{selector: app=" + Reserved.APP.name() + "}]}]}";
    RoutingSnapshot world = builder.first(OWN);
    world = with(world, List.of(document("everything", everything), document("app", byApp)));
    // made before the instances came, and after
    world = with(world, STATE);
    world =
        with(
            world,
            List.of(document("later", everything.replace("all.test", "later.test")), STATE.get(4)));
    int[] groups = new int[1];
    world.eachGroup(group -> {
      groups[0]++;
      group
          .picker()
          .candidates()
          .forEach(
              each -> assertTrue(!each.instance().id().equals(Reserved.INSTANCE), each.toString()));
    });
    assertTrue(groups[0] >= 2);
    assertEquals(0, world.ruleCounts().labelServices());
  }

  private static Entity document(String name, String text) {
    return new anycast.routing.model.VirtualService(
        name, text, 1, anycast.routing.document.DocumentReader.rules(text));
  }
}
