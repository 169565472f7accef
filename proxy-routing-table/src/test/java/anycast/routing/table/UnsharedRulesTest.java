package anycast.routing.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What a kept version is reckoned to cost, beside what it holds.
class UnsharedRulesTest {
  /// Pages that are copied for a single change.
  private static final long SLACK = 4_096;

  private final SnapshotBuilder builder = new SnapshotBuilder(Rows.SELF);
  private RoutingSnapshot world = builder.empty();

  @Test
  void largeDocumentOnOneHost() {
    put(Documents.of("v", 1_000, Documents.hosts(1)));
    assertHonest("written again", Documents.of("v", 1_000, Documents.hosts(1)));
  }

  @Test
  void largeDocumentOnManyHosts() {
    put(Documents.of("v", 1_000, Documents.hosts(256)));
    assertHonest("written again", Documents.of("v", 1_000, Documents.hosts(256)));
    assertHonest("on fewer hosts", Documents.of("v", 1_000, Documents.hosts(100)));
  }

  @Test
  void fewRulesOnManyHosts() {
    put(Documents.of("v", 2, Documents.hosts(256)));
    assertHonest("written again", Documents.of("v", 2, Documents.hosts(256)));
  }

  @Test
  void manySetsOfServices() {
    put(Documents.of("v", 100, Documents.hosts(32)));
    for (int i = 0; i < 32; i++) {
      put(Documents.of("w" + i, 1, List.of("h" + i + ".test")));
    }
    assertHonest("the one that all have", Documents.of("v", 100, Documents.hosts(32)));
    assertHonest("one of one host", Documents.of("w7", 1, List.of("h7.test")));
    RoutingSnapshot older = world;
    world = builder.apply(world, Rows.removes(Documents.of("w7", 1, List.of("h7.test"))));
    assertHonest("one of one host is gone", older);
  }

  @Test
  void hostThatLeavesOthersCostsWhatItHad() {
    put(Documents.of("v", 100, Documents.hosts(200)));
    RoutingSnapshot older = world;
    put(Documents.of("w", 1, List.of("h7.test")));
    assertTrue(Retained.bytes(older, world) < 10_000, "the others have it still");
    assertTrue(SnapshotShelf.unshared(older, world) < 10_000);
  }

  @Test
  void rulesOfAllShapes() {
    put(shapes());
    assertHonest("templates", shapes()[0]);
    assertHonest("conditions", shapes()[1]);
    assertHonest("methods", shapes()[2]);
    assertHonest("one path", shapes()[3]);
    assertHonest("exact paths", shapes()[4]);
  }

  private static VirtualService[] shapes() {
    List<String> hosts = Documents.hosts(4);
    return new VirtualService[] {
      Documents.of("t", 700, hosts, i -> "path: { template: \"/a%d/{x}/b%d\" }".formatted(i, i)),
      Documents.of(
          "c",
          300,
          hosts,
          i ->
              "headers: { x-tenant: t%d, x-tier: { starts_with: g%d } }, cookies: { c: \"%d\" }"
                  .formatted(i % 90, i, i)),
      Documents.of(
          "m", 300, hosts, i -> "path: { prefix: /m%d }, methods: [GET, PUT, POST]".formatted(i)),
      Documents.of("p", 300, hosts, i -> "query: { q: \"%d\" }, port: %d".formatted(i, i % 9 + 1)),
      Documents.of("e", 900, hosts, i -> "path: { exact: /deep/er/path/%d }".formatted(i))
    };
  }

  @Test
  void textThatSaysNothing() {
    put(commented("written"));
    assertHonest("comments", commented("written again"));
    put(commented("\u4e66"));
    assertHonest("comments in two bytes", commented("\u5199"));
  }

  private static VirtualService commented(String what) {
    String hosts = "hosts: [a.test]\nrules: [ { to: [ { selector: \"*\" } ] } ]\n";
    return Documents.read("c", hosts + ("# " + what + "\n").repeat(20_000));
  }

  @Test
  void whatRulesDoBesideForwarding() {
    put(dressed(1));
    assertHonest("edits, retries, mirrors", dressed(2));
  }

  private static VirtualService dressed(int version) {
    StringBuilder document = new StringBuilder("hosts: [d.test]\nrules:\n");
    for (int i = 0; i < 400; i++) {
      document.append(
          """
            - match: { path: { prefix: /p%d } }
              to: [ { selector: "app=shop, tier in (a,b%d)", weight: 9 }, { selector: canary } ]
              fallback: [ { selector: "app=spare" } ]
              rewrite: { prefix: /q%d, host: h%d.test }
              headers: { request: { set: { x-v: "%d" }, remove: [ x-a%d ] } }
              timeout: 5s
              retry: { attempts: 3 }
              mirror: { to: { selector: "app=shadow" }, share: 1%% }
            - match: { path: /r%d }
              redirect: { host: r%d.test, path: /x%d }
          """
              .formatted(i, i, i, i, version, i, i, i, i));
    }
    return Documents.read("d", document.toString());
  }

  @Test
  void selectorsWithTheirMembers() {
    List<Entity> rows = new ArrayList<>(List.of(Rows.service("shop", "web", 80, 443)));
    IntStream.range(0, 2_000).forEach(i -> rows.add(labelled(i, "old")));
    world = builder.apply(world, Rows.puts(rows.toArray(Entity[]::new)));
    put(selecting(200));
    assertHonest("the same selectors", selecting(200));
    assertHonest("none of them", Documents.of("s", 1, Documents.hosts(1)));
    put(selecting(200));
    RoutingSnapshot older = world;
    world = builder.apply(world, Rows.puts(labelled(7, "new")));
    assertHonest("a member of many groups", older);
  }

  private static VirtualService selecting(int groups) {
    return Documents.of(
        "s",
        groups,
        Documents.hosts(1),
        i -> "path: { prefix: /s%d }".formatted(i),
        i -> "app=shop, group!=g" + i);
  }

  @Test
  void servicesThatLabelsMake() {
    IntStream.range(0, 300)
        .forEach(
            i -> world = builder.apply(world, Rows.puts(labelled(i, "route.host", "l" + i % 9))));
    RoutingSnapshot older = world;
    for (int i = 0; i < 300; i++) {
      world = builder.apply(world, Rows.puts(labelled(i, "route.host", "m" + i % 9)));
    }
    assertHonest("other hosts", older);
  }

  /// Of a storm the shelf keeps what its budget allows, as the heap counts.
  @Test
  void stormOfLargeDocumentsStaysInItsBudget() {
    long budget = 8 << 20;
    SnapshotShelf shelf = new SnapshotShelf(new SnapshotShelf.Bounds(16, budget));
    for (int i = 0; i < 40; i++) {
      put(Documents.of("v", 600, Documents.hosts(256)));
      shelf.offer(world, i);
    }
    long held = Retained.bytes(shelf.kept().toArray(), world);
    assertTrue(held < budget * 3 / 2, held + " bytes of " + shelf.kept().size());
    assertTrue(held > budget / 3, held + " bytes of " + shelf.kept().size());
  }

  @Test
  void whatDidNotChangeCostsNothing() {
    put(Documents.of("v", 1_000, Documents.hosts(100)));
    RoutingSnapshot older = world;
    world = builder.apply(world, Rows.puts(Rows.app("other")));
    assertEquals(0, UnsharedRules.of(older.apps, world.apps));
  }

  private void put(VirtualService... services) {
    world = builder.apply(world, Rows.puts(services));
  }

  private void assertHonest(String what, VirtualService next) {
    RoutingSnapshot older = world;
    put(next);
    assertHonest(what, older);
  }

  private void assertHonest(String what, RoutingSnapshot older) {
    long held = Retained.bytes(older, world);
    long reckoned = SnapshotShelf.unshared(older, world);
    String said = what + ": holds %,d, is reckoned at %,d".formatted(held, reckoned);
    assertTrue(reckoned > held * 2 / 3 - SLACK && reckoned < held * 3 / 2 + SLACK, said);
  }

  private static Instance labelled(int i, String group) {
    return labelled(i, "group", group);
  }

  private static Instance labelled(int i, String label, String value) {
    String text = label.equals("group") ? value : value + ".test";
    return new Instance(
        new InstanceId("i" + i),
        new AppId("shop"),
        new NodeId("n1"),
        new RegionCode("fra"),
        "127.0.0.1",
        0,
        Instance.State.STARTED,
        Map.of(label, text),
        value.hashCode());
  }
}
