package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.document.DocumentReader;
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
import anycast.routing.model.Reserved;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class RowCodecTest {
  /// Of the right shape: an empty SEQUENCE.
  private static final String CHAIN =
      "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

  private static final String KEY =
      "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n";

  private static final String DOCUMENT = "{hosts: [a.test], rules: [{to: [{selector: app=a}]}]}";

  private static final List<Entity> ENTITIES =
      List.of(
          new App(new AppId("shop"), 1),
          new Service(
              new AppId("shop"),
              "web",
              List.of(80, 443),
              8080,
              Service.AppProtocol.H2C,
              true,
              5,
              10,
              2),
          new Instance(
              new InstanceId("i1"),
              new AppId("shop"),
              new NodeId("n1"),
              new RegionCode("fra"),
              "::1",
              9000,
              Instance.State.STOPPING,
              Map.of("tier", "gold"),
              3),
          new Node(new NodeId("n1"), new RegionCode("fra"), Node.Role.WORKER, "[::1]:7000", 4),
          new Node(new NodeId("e1"), new RegionCode("fra"), Node.Role.EDGE, "", 4),
          new Hostname("*.shop.test", new AppId("shop"), 5),
          new Certificate("*.shop.test", CHAIN, KEY, 6),
          new VirtualService("vs", DOCUMENT, 7, DocumentReader.rules(DOCUMENT)));

  @Test
  void refusesWhatOnlyProcessesMayHave() {
    String document = DOCUMENT.replace("a.test", Reserved.HOST);
    String wild = DOCUMENT.replace("a.test", "'*." + Reserved.DOMAIN + "'");
    Service service = (Service) ENTITIES.get(1);
    Instance instance = (Instance) ENTITIES.get(2);
    List<Entity> hostile =
        List.of(
            new App(Reserved.APP, 1),
            new Service(Reserved.APP, "x", service.ports(), 1, service.protocol(), false, 0, 0, 1),
            moved(instance, Reserved.INSTANCE, instance.app(), instance.node()),
            moved(instance, instance.id(), Reserved.APP, instance.node()),
            moved(instance, instance.id(), instance.app(), Reserved.NODE),
            new Node(Reserved.NODE, new RegionCode("fra"), Node.Role.WORKER, "h:1", 4),
            new Hostname(Reserved.HOST, new AppId("shop"), 5),
            new Hostname("*." + Reserved.DOMAIN, new AppId("shop"), 5),
            new Hostname("shop.test", Reserved.APP, 5),
            new Certificate(Reserved.HOST, CHAIN, KEY, 6),
            new VirtualService("vs", document, 7, DocumentReader.rules(document)),
            new VirtualService("vs", wild, 7, DocumentReader.rules(wild)),
            new Cordon(new NodeId("n1"), Reserved.INSTANCE, "", 1),
            new InstanceHealth(
                new NodeId("n1"), Reserved.INSTANCE, InstanceHealth.Status.FAILING, "", 1),
            new AppRegion(Reserved.APP, new NodeId("n1"), new RegionCode("fra"), 1, 1));
    for (Entity entity : hostile) {
      Cells cells = new Cells.Values(RowCodec.encode(entity, 12));
      Decoded.Undecodable refused =
          assertInstanceOf(
              Decoded.Undecodable.class,
              RowCodec.decode(RowCodec.table(entity.key()), cells),
              entity.toString());
      assertTrue(refused.reason().contains("reserved"), refused.reason());
    }
  }

  private static Instance moved(Instance from, InstanceId id, AppId app, NodeId node) {
    return new Instance(
        id,
        app,
        node,
        from.region(),
        from.address(),
        from.port(),
        from.state(),
        from.labels(),
        from.generation());
  }

  @Test
  void readsBackWhatItWrites() {
    for (Entity entity : ENTITIES) {
      Table table = RowCodec.table(entity.key());
      Cells cells = new Cells.Values(RowCodec.encode(entity, 12));
      assertEquals(new Decoded.Routed(entity), RowCodec.decode(table, cells));
    }
  }

  @Test
  void saysWhereADocumentCannotBeFollowed() {
    Cells cells = new Cells.Values(List.of("vs", "hosts: [a.test]\nrules: [{tu: []}]\n", 7L));
    var decoded =
        assertInstanceOf(Decoded.Undecodable.class, RowCodec.decode(Table.VIRTUAL_SERVICES, cells));
    assertEquals(
        "line 2, column 9: rules[0]: wants `to:` with targets, or `redirect:` (and 1 more)",
        decoded.reason());
    assertEquals(new Entity.VirtualServiceKey("vs"), RowCodec.key(Table.VIRTUAL_SERVICES, cells));
  }

  @Property(tries = 500)
  void readsBackAnyInstance(
      @ForAll @AlphaChars @NumericChars @StringLength(min = 1, max = 20) String name,
      @ForAll @NotEmpty String address,
      @ForAll @IntRange(max = 65_535) int port,
      @ForAll Instance.State state,
      @ForAll @Size(max = 5) Map<String, String> labels,
      @ForAll long generation) {
    Interned shared = Interned.places();
    Instance instance =
        new Instance(
            new InstanceId(name),
            new AppId(name + "-app"),
            new NodeId(name + "-node"),
            new RegionCode("fra"),
            address,
            port,
            state,
            labels,
            generation);
    Cells cells = new Cells.Values(RowCodec.encode(instance, 12));
    assertEquals(new Decoded.Routed(instance), RowCodec.decode(Table.INSTANCES, cells));
    assertEquals(new Decoded.Routed(instance), RowCodec.decode(Table.INSTANCES, cells, shared));
    assertEquals(new Decoded.Routed(instance), RowCodec.decode(Table.INSTANCES, cells, shared));
    assertEquals(instance.key(), RowCodec.key(Table.INSTANCES, cells));
  }

  @Test
  void keyIsLegibleWithoutTheRest() {
    for (Entity entity : ENTITIES) {
      Table table = RowCodec.table(entity.key());
      List<Object> cells = new ArrayList<>(RowCodec.encode(entity, 12));
      assertEquals(entity.key(), RowCodec.key(table, new Cells.Values(cells)));
      cells.set(0, 7L);
      assertNull(RowCodec.key(table, new Cells.Values(cells)));
    }
    assertNull(RowCodec.key(Table.APPS, new Cells.Values(List.of())));
    assertNull(RowCodec.key(Table.APPS, new Cells.Unreadable("broken")));
  }

  private static String reason(Table table, Object... cells) {
    Decoded decoded = RowCodec.decode(table, new Cells.Values(Arrays.asList(cells)));
    return assertInstanceOf(Decoded.Undecodable.class, decoded).reason();
  }

  @Test
  void certificateThatIsPlainlyNoneIsNotUsable() {
    String torn = CHAIN + CHAIN.substring(0, 40);
    for (String chain : List.of("garbage", KEY, torn, CHAIN.replace("MAA=", "MAE="), "{}")) {
      String reason = reason(Table.CERTIFICATES, "a.test", chain, KEY, 1L);
      assertTrue(reason.startsWith("chain has "), reason);
    }
    for (String key : List.of("SECRET", CHAIN, KEY.replace("MAA=", "SECRET"))) {
      String reason = reason(Table.CERTIFICATES, "a.test", CHAIN + CHAIN, key, 1L);
      assertTrue(reason.startsWith("key has "), reason);
      assertFalse(reason.contains("SECRET"), reason);
    }
  }

  @Test
  void saysWhichColumnAndWhy() {
    assertEquals("wants 2 cells, got 1", reason(Table.APPS, "shop"));
    assertEquals("gen wants a whole number, got text", reason(Table.APPS, "shop", "1"));
    assertEquals("gen wants a whole number, got null", reason(Table.APPS, "shop", null));
    assertEquals("name wants text, got bytes", reason(Table.APPS, new byte[1], 1L));
    assertTrue(reason(Table.NODES, "n", "fra", "worker", "nohost", 1L).startsWith("backhaul"));
    assertTrue(reason(Table.NODES, "n", "fra", "boss", "h:1", 1L).startsWith("role has"));
    String ports = "[443, 70000]";
    assertTrue(
        reason(Table.SERVICES, "a", "w", ports, 0L, "http1", 0L, 0L, 0L, 1L)
            .startsWith("ports wants 1 to 65535"));
    assertTrue(
        reason(Table.SERVICES, "a", "w", "[44", 0L, "http1", 0L, 0L, 0L, 1L)
            .startsWith("ports is not JSON"));
    assertTrue(reason(Table.HOSTNAMES, "UPPER.test", "a", 1L).contains("lower case"));
  }

  @Property(tries = 500)
  void neverThrowsAndNeverForgesALine(
      @ForAll Table table, @ForAll List<String> texts, @ForAll long number, @ForAll int pick) {
    List<Object> cells = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      boolean text = (pick >> i & 1) == 0 && !texts.isEmpty();
      cells.add(text ? texts.get(i % texts.size()) : (Object) number);
    }
    if (RowCodec.decode(table, new Cells.Values(cells)) instanceof Decoded.Undecodable(var why)) {
      assertTrue(why.chars().allMatch(c -> c >= ' ' && c <= '~'), why);
      assertTrue(why.length() <= 203, why);
    }
  }
}
