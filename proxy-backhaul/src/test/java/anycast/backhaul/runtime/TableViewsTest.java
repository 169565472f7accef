package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.document.DocumentReader;
import anycast.routing.feed.BeatAge;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
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
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableViewsTest {
  private static final RegionCode FRA = new RegionCode("fra");
  private static final NodeId WORKER = new NodeId("wrk-1");
  private static final AppId HELLO = new AppId("hello");

  @Test
  void routesTellHostAppServiceAndHowManyInstancesRun() {
    TableViews views = views(fleet());

    assertEquals(
        new TableViews.Routes(
            List.of(new TableViews.Route("hello.test", "hello", "web", List.of(80, 443), 2, 1)),
            List.of(),
            new TableViews.LabelProblems(0, List.of()),
            1,
            false),
        views.routes("HELLO"));
    assertEquals(2, views.routes("").total());
    assertEquals(
        List.of(new TableViews.Route("*.lost.test", "lost", "", List.of(), 0, 0)),
        views.routes("lost").routes());
    assertEquals(List.of(), views.routes("nothing").routes());
  }

  @Test
  void instancesTellWherePortIsInheritedAndHowManyAreInFlight() {
    TableViews views = views(fleet());

    List<TableViews.InstanceRow> rows =
        views.instances("hello").instances().stream()
            .sorted(java.util.Comparator.comparing(TableViews.InstanceRow::id))
            .toList();
    assertEquals(
        new TableViews.InstanceRow(
            "i-1",
            "hello",
            "wrk-1",
            "fra",
            "127.0.0.1",
            8080,
            "started",
            "ready",
            "",
            0,
            null,
            null,
            5),
        rows.get(0));
    assertEquals(9000, rows.get(1).port());
    assertEquals("stopped", rows.get(1).state());
    assertEquals(2, views.instances("").total());
    assertEquals(0, views.instances("other").total());
  }

  @Test
  void instancesTellWhyTheyGetNothing() {
    InstanceId id = new InstanceId("i-1");
    List<Entity> entities = new ArrayList<>(fleet());
    entities.add(
        new InstanceHealth(WORKER, id, InstanceHealth.Status.LAGGING, "web: 9 s behind", 1));
    TableViews.InstanceRow lagging = row(views(entities));
    assertEquals("lagging", lagging.standing());
    assertEquals("web: 9 s behind", lagging.detail());

    entities.add(new Cordon(WORKER, id, "disk", 1));
    TableViews.InstanceRow cordoned = row(views(entities));
    assertEquals("cordoned", cordoned.standing());
    assertEquals("disk", cordoned.detail());
  }

  @Test
  void rulesTellWhatTheyWantAndWhereTheyLead() {
    String document =
        """
        hosts: [shop.test]
        rules:
          - name: beta
            match: { path: /beta, headers: { x-beta: "yes", x-old: { present: false } } }
            to: [{ selector: "app=hello", port: 8080 }]
          - name: moved
            match: { path: { exact: /old }, cookies: { a: { starts_with: b } } }
            redirect: { scheme: https, host: new.test, path: /new }
          - name: canary
            to: [{ selector: "!canary", weight: 95 }, { selector: canary, weight: 5 }]
        """;
    List<Entity> entities = new ArrayList<>(fleet());
    entities.add(new VirtualService("v", document, 1, DocumentReader.rules(document)));

    List<RuleViews.RuleRow> rules = views(entities).routes("shop.test").rules();

    assertEquals(
        List.of(
            "moved exact /old [cookie a=b...] redirect 302 https://new.test/new",
            "beta prefix /beta [header x-beta=yes, header !x-old] app=hello port 8080",
            "canary prefix / [] !canary weight 95; canary weight 5"),
        rules.stream()
            .map(row -> row.rule() + " " + row.path() + " [" + row.also() + "] " + row.to())
            .toList());
  }

  @Test
  void labelsThatMakeNoRouteAreToldWithTheirReason() {
    List<Entity> entities = new ArrayList<>(fleet());
    entities.add(
        new Instance(
            new InstanceId("i-3"),
            HELLO,
            WORKER,
            FRA,
            "127.0.0.1",
            0,
            Instance.State.STARTED,
            Map.of("route.host", "a.test", "route.path", "no-slash"),
            1));

    TableViews.LabelProblems problems = views(entities).routes("").labels();

    assertEquals(1, problems.instances());
    assertTrue(problems.problems().getFirst().startsWith("wrk-1/i-3: route.path wants"));
    assertEquals(problems, views(entities).labelProblems());
  }

  private static TableViews.InstanceRow row(TableViews views) {
    return views.instances("").instances().getFirst();
  }

  @Test
  void nodesTellTheAgeOfTheirBeat() {
    TableViews views = views(fleet());

    assertEquals(
        List.of(new TableViews.NodeRow("wrk-1", "worker", "fra", "127.0.0.1:7000", 3, 1500L)),
        views.nodes().nodes());
  }

  @Test
  void longPagesAreCutAndSaySo() {
    List<Entity> many = new ArrayList<>(fleet());
    for (int i = 0; i < TableViews.MAX_ROWS; i++) {
      many.add(new Hostname("h" + i + ".test", HELLO, 1));
    }

    TableViews.Routes routes = views(many).routes("");

    assertTrue(routes.cut());
    assertEquals(TableViews.MAX_ROWS, routes.routes().size());
    assertEquals(TableViews.MAX_ROWS + 2, routes.total());
    assertFalse(views(many).routes("h77.test").cut());
  }

  private static List<Entity> fleet() {
    return List.of(
        new App(HELLO, 1),
        new Service(
            HELLO, "web", List.of(80, 443), 8080, Service.AppProtocol.HTTP1, false, 0, 0, 1),
        new Node(WORKER, FRA, Node.Role.WORKER, "127.0.0.1:7000", 3),
        instance("i-1", 0, Instance.State.STARTED),
        instance("i-2", 9000, Instance.State.STOPPED),
        new Hostname("hello.test", HELLO, 1),
        new Hostname("*.lost.test", new AppId("lost"), 1));
  }

  private static Instance instance(String id, int port, Instance.State state) {
    return new Instance(
        new InstanceId(id), HELLO, WORKER, FRA, "127.0.0.1", port, state, Map.of(), 5);
  }

  private static TableViews views(List<Entity> entities) {
    SnapshotBuilder builder = new SnapshotBuilder(new Locality(new NodeId("edge-1"), FRA));
    List<Change> changes = new ArrayList<>();
    entities.forEach(entity -> changes.add(new Change.Put(entity)));
    RoutingTable table = new RoutingTable(builder.empty());
    table.publish(builder.apply(table.current(), new Delta(changes)));
    return new TableViews(table, () -> Map.of(WORKER, new BeatAge(9, 1_500_000_000L)));
  }
}
