package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Instances that operators take out of routing and in again.
@Timeout(120)
final class CordonTest extends AtEachPlace {
  @BeforeAll
  static void start() throws Exception {
    for (URI place : places()) {
      instance(place, "shop-1", "started", "blue");
      instance(place, "shop-2", "started", "blue");
      instance(place, "shop-3", "started", "green");
      instance(place, "shop-4", "started", "green");
      instance(place, "shop-5", "stopped", "grey");
    }
  }

  private static void instance(URI place, String id, String state, String color) throws Exception {
    Places.put(
        place,
        Table.INSTANCES,
        List.of(
            "w1",
            id,
            "shop",
            "fra",
            "127.0.0.1",
            80L,
            state,
            "{\"color\":\"" + color + "\"}",
            1L,
            5L));
  }

  private static List<String> cordoned(URI place) throws Exception {
    try (StatePlace state =
        place.getScheme().equals("nats")
            ? new BucketState(
                anycast.routing.feed.nats.NatsConfig.of(List.of(place)),
                PlaceOptions.CONNECT_TIMEOUT)
            : new StoreState(place, java.util.Optional.empty())) {
      return state.read(Table.CORDONS).stream()
          .map(row -> String.valueOf(row.content()))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void cordonedInstancesAreOutUntilTheyAreUncordoned(URI place) throws Exception {
    Ctl unknown = Ctl.at(place, "cordon", "shop-1", "shop-9");
    assertEquals(1, unknown.exit());
    assertTrue(unknown.err().contains("no instance is called shop-9"), unknown::err);
    assertEquals(List.of(), cordoned(place));

    Ctl told = Ctl.at(place, "cordon", "shop-1", "w1/shop-2", "--reason", "disk");
    assertEquals(0, told.exit(), told::toString);
    assertTrue(
        told.out().matches("(?s).*shop-1 +shop +w1 +started +unknown +in +out.*"), told::out);
    assertEquals(List.of("[w1, shop-1, disk, 1]", "[w1, shop-2, disk, 1]"), cordoned(place));
    assertEquals(0, Ctl.at(place, "cordon", "shop-1").exit());
    assertEquals(List.of("[w1, shop-1, , 2]", "[w1, shop-2, disk, 1]"), cordoned(place));

    Ctl back = Ctl.at(place, "--json", "uncordon", "shop-1", "shop-2");
    JsonNode record = new JsonMapper().readTree(back.out());
    assertTrue(record.path("written").asBoolean(), back::out);
    assertEquals("out", record.path("instances").get(0).path("before").asText());
    assertEquals("in", record.path("instances").get(0).path("after").asText());
    assertEquals(List.of(), cordoned(place));
  }

  @ParameterizedTest
  @MethodSource("places")
  void blueAndGreenChangePlaces(URI place) throws Exception {
    assertEquals(0, Ctl.at(place, "cordon", "shop-3", "shop-4").exit());
    Ctl dry = Ctl.at(place, "switch", "--from", "color=blue", "--to", "color=green", "--dry-run");
    assertEquals(0, dry.exit(), dry::toString);
    assertTrue(dry.out().contains("nothing was written"), dry::out);
    assertEquals(2, cordoned(place).size());

    Ctl told = Ctl.at(place, "switch", "--from", "color=blue", "--to", "shop-3,shop-4");
    assertEquals(0, told.exit(), told::toString);
    assertEquals(
        List.of("[w1, shop-1, switched, 1]", "[w1, shop-2, switched, 1]"), cordoned(place));
    assertEquals(0, Ctl.at(place, "switch", "--to", "color=blue", "--from", "color=green").exit());
    assertEquals(0, Ctl.at(place, "uncordon", "shop-3", "shop-4").exit());
  }

  @ParameterizedTest
  @MethodSource("places")
  void greenThatCannotServeIsRefused(URI place) throws Exception {
    Ctl stopped = Ctl.at(place, "switch", "--from", "color=blue", "--to", "color=grey");
    assertEquals(1, stopped.exit());
    assertTrue(stopped.err().contains("shop-5 is stopped; nothing was changed"), stopped::err);
    Places.put(
        place, Table.INSTANCE_HEALTH, List.of("w1", "shop-4", "failing", "503 where 2xx", 1L));
    Ctl failing = Ctl.at(place, "switch", "--from", "color=blue", "--to", "color=green");
    assertEquals(1, failing.exit());
    assertTrue(failing.err().contains("shop-4 is failing: 503 where 2xx"), failing::err);
    assertEquals(List.of(), cordoned(place));
    Ctl both = Ctl.at(place, "switch", "--from", "color=blue", "--to", "shop-1");
    assertTrue(both.err().contains("shop-1 is in --from and in --to"), both::err);
    Ctl none = Ctl.at(place, "switch", "--from", "color=blue", "--to", "color=red");
    assertTrue(none.err().contains("no instance has the labels of 'color=red'"), none::err);
    Ctl forced = Ctl.at(place, "switch", "--from", "shop-1", "--to", "shop-4", "--force");
    assertEquals(0, forced.exit(), forced::toString);
    assertEquals(0, Ctl.at(place, "uncordon", "shop-1").exit());
    Places.put(place, Table.INSTANCE_HEALTH, List.of("w1", "shop-4", "passing", "", 2L));
  }
}
