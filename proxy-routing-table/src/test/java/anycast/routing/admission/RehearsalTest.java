package anycast.routing.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.SnapshotBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static final SnapshotBuilder BUILDER =
      new SnapshotBuilder(new Locality(new NodeId("e"), new RegionCode("fra")));
  private static final AppId SHOP = new AppId("shop");
  private static final Entity.Key NAME = new Entity.HostnameKey("shop.test");
  private static final List<byte[]> RECORDED = List.of("shop.test".getBytes(UTF_8));

  private final RoutingSnapshot base =
      BUILDER.apply(
          BUILDER.empty(),
          new Delta(
              List.of(
                  new Change.Put(new App(SHOP, 1)),
                  new Change.Put(new Hostname("shop.test", SHOP, 1)))));
  private final RoutingSnapshot without =
      BUILDER.apply(base, new Delta(List.of(new Change.Remove(NAME))));

  private void rehearse(RoutingSnapshot next, Change... changes) {
    Rehearsal.run(base, next, List.of(changes), RECORDED, _ -> {});
  }

  @Test
  void missesAHostThatNothingOfTheUpdateNames() {
    Change other = new Change.Put(new App(new AppId("other"), 1));
    assertThrows(Rehearsal.Lost.class, () -> rehearse(without, other));
  }

  @Test
  void lacksNothingWhereTheUpdateTakesItAway() {
    rehearse(without, new Change.Remove(NAME));
    rehearse(without, new Change.Remove(new Entity.AppKey(SHOP)));
    rehearse(without, new Change.Put(new Hostname("*.test", new AppId("other"), 1)));
  }

  @Test
  void namesEachEntityBeforeItIsAskedFor() {
    App app = new App(SHOP, 2);
    List<Entity> named = new ArrayList<>();
    Rehearsal.run(base, base, List.of(new Change.Put(app)), RECORDED, named::add);
    assertEquals(List.of(app), named);
  }

  @Test
  void recordedHostsAreThoseOfAppsAndRules() {
    RecordedHosts recorded = new RecordedHosts(() -> 0);
    assertEquals(
        List.of("shop.test"),
        recorded.of(base).stream().map(host -> new String(host, UTF_8)).toList());
  }
}
