package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.admission.ContentHash;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.model.VirtualService;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What authors learn of nodes that keep their changes out, from a real store and a real NATS
/// server.
@Timeout(120)
final class RejectsOfFleetTest extends AtEachPlace {
  private static final long AT = 1_750_000_000_000L;

  @BeforeAll
  static void start() throws Exception {
    for (URI place : places()) {
      for (String node : List.of("w1", "w2")) {
        Places.put(place, Table.NODES, List.of(node, "fra", "worker", "10.0.0.1:7", 1L));
      }
    }
  }

  private static JsonNode json(URI place, Object... arguments) throws Exception {
    List<Object> line = new ArrayList<>(List.of("--json"));
    line.addAll(List.of(arguments));
    Ctl ctl = Ctl.at(place, line.toArray());
    assertEquals(0, ctl.exit(), ctl::toString);
    return new ObjectMapper().readTree(ctl.out());
  }

  private static void apply(URI place, String name, String path) throws Exception {
    Path file = Files.createTempFile(dir, "vs", ".yaml");
    Files.writeString(
        file,
        """
        hosts: [%s.example.com]
        rules:
          - name: all
            match: { path: { prefix: %s } }
            to:
              - { selector: app=shop }
        """
            .formatted(name, path));
    Ctl ctl = Ctl.at(place, "vs", "apply", file, "--name", name, "--yes");
    assertEquals(0, ctl.exit(), ctl::toString);
  }

  /// Of the version that state holds.
  private static String hash(URI place, String name) throws Exception {
    String document = json(place, "vs", "get", name).path("document").asText();
    return ContentHash.of(new VirtualService(name, document, 0)).toString();
  }

  private static void reject(URI place, String node, String hash, String name, String reason)
      throws Exception {
    Places.put(
        place,
        Table.REJECTS,
        List.of(node, hash, "virtual_services", name, "rehearse", reason, AT, AT));
  }

  @ParameterizedTest
  @MethodSource("places")
  void theAuthorSeesWhoKeepsItOutAndWhy(URI place) throws Exception {
    apply(place, "shop", "/a");
    assertFalse(Ctl.at(place, "vs", "list").out().contains("kept out by"));
    String first = hash(place, "shop");
    reject(place, "w1", first, "shop", "a lookup did not end");
    reject(place, "w2", first, "shop", "a lookup did not end");

    Ctl list = Ctl.at(place, "vs", "list");
    assertTrue(list.out().matches("(?s).*shop +1 .* 2 nodes\\n.*"), list::out);
    String why = "kept out by 2 nodes since 2025-06-15T15:06:40Z (rehearse): a lookup did not end";
    assertTrue(list.out().contains("shop, generation 1: " + why), list::out);
    Ctl got = Ctl.at(place, "vs", "get", "shop");
    assertTrue(got.err().contains(why), got::err);
    assertFalse(got.out().contains("kept out"), "beside the document, which goes into a file");

    apply(place, "shop", "/b");
    Ctl after = Ctl.at(place, "vs", "list");
    assertTrue(after.out().matches("(?s).*shop +2 .* -\\n.*"), after::out);
    assertTrue(after.out().contains("shop, another version: " + why), after::out);
    JsonNode versions = json(place, "vs", "history", "shop").path("versions");
    assertEquals(0, versions.get(0).path("rejects").size(), versions::toString);
    JsonNode reject = versions.get(1).path("rejects").get(0);
    assertEquals(first, reject.path("hash").asText());
    assertEquals(2, reject.path("nodes").asInt());
    assertEquals("w1", reject.path("node_names").get(0).asText());
    Ctl history = Ctl.at(place, "vs", "history", "shop");
    assertTrue(history.out().contains("kept out by 2 nodes"), history::out);

    Ctl fleet = Ctl.at(place, "quarantine", "list");
    assertTrue(
        fleet.out().matches("(?s).*" + first.substring(0, 8) + " +virtual_services +shop +2 .*"),
        fleet::out);
    assertTrue(
        json(place, "quarantine", "list")
            .path("entries")
            .valueStream()
            .anyMatch(entry -> entry.path("hash").asText().equals(first)));
  }

  @ParameterizedTest
  @MethodSource("places")
  void whatStrangersSayIsCountedApart(URI place) throws Exception {
    apply(place, "blog", "/a");
    String hash = hash(place, "blog");
    reject(place, "nobody", hash, "blog", "\u001b[2Jbecause");
    reject(place, "w1", "garbage", "blog", "no hash");
    reject(place, "w2", hash.replace('a', 'b'), "blog", "x".repeat(5_000));
    reject(place, "w2", "0".repeat(32), "", "and 3 more");

    Ctl list = Ctl.at(place, "vs", "list");
    assertTrue(list.out().matches("(?s).*blog +1 .* -\\n.*"), list::out);
    assertTrue(
        list.out().contains("blog, generation 1: kept out by 1 that state does not know"),
        list::out);
    assertFalse(list.out().contains("\u001b"), list::out);
    assertTrue(json(place, "quarantine", "list").path("unreadable").asInt() >= 1);
    Ctl fleet = Ctl.at(place, "quarantine", "list");
    assertTrue(fleet.out().contains("rows of rejects cannot be read"), fleet::out);
    assertTrue(fleet.out().contains("and 3 more"), fleet::out);
  }

  @Test
  void aHundredThousandRowsAreReadAndCut() throws Exception {
    URI store = places.store("many.db");
    apply(store, "shop", "/a");
    try (StateClient client = new StateClient(List.of(store), Optional.empty())) {
      client.transact(
          List.of(
              Statement.of(
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
                      + " 100000) INSERT INTO rejects (node, hash, entry_table, entry_key, stage,"
                      + " reason, at_ms) SELECT 'nobody', printf('%032x', i), 'virtual_services',"
                      + " 'shop', 'compile', 'r', i FROM n")));
    }
    Ctl list = Ctl.at(store, "vs", "list");
    assertEquals(0, list.exit(), list::err);
    assertTrue(list.out().lines().count() < 20, list::out);
    Ctl fleet = Ctl.at(store, "quarantine", "list");
    assertTrue(fleet.out().lines().count() < 210);
    assertTrue(fleet.out().contains("there are 100000 in all"), fleet::err);
  }

  @Test
  void aStateThatIsOlderThanTheTableStillListsVirtualServices() throws Exception {
    URI old = places.store("old.db");
    apply(old, "shop", "/a");
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("old.db"));
        java.sql.Statement statement = database.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 30000");
      statement.execute("DROP TABLE rejects");
    }
    Ctl list = Ctl.at(old, "vs", "list");
    assertEquals(0, list.exit(), list::toString);
    assertTrue(list.out().contains("shop"), list::out);
    assertTrue(list.out().contains("whether nodes keep something out is not known"), list::out);
    assertEquals(1, Ctl.at(old, "quarantine", "list").exit());
  }
}
