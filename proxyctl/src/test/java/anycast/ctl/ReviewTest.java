package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Documents that are validated, and what is told of them before they are written.
@Timeout(120)
final class ReviewTest {
  @TempDir private static Path dir;

  private static Places places;
  private static URI place;

  @BeforeAll
  static void start() throws Exception {
    places = new Places(dir);
    place = places.store();
    Places.put(place, Table.APPS, List.of("shop", 1L));
    Places.put(
        place,
        Table.INSTANCES,
        List.of("w1", "shop-1", "shop", "fra", "127.0.0.1", 80L, "started", "{}", 1L, 5L));
  }

  @AfterAll
  static void stop() {
    places.close();
  }

  private static Path file(String name, String text) throws Exception {
    return Files.writeString(dir.resolve(name), text);
  }

  @Test
  void everyProblemIsToldWithItsPlaceInTheFile() throws Exception {
    Path file =
        file(
            "wrong.yaml",
            """
            name: first
            hosts: [shop.example.com]
            rules:
              - to: [{ selector: "app=shop" }]
            ---
            name: second
            hosts: ["not a host"]
            rules:
              - match: { path: { prefix: api } }
                to: [{ selector: "app in (" }]
            """);
    Ctl told = Ctl.run("vs", "validate", file);
    assertEquals(1, told.exit(), told::toString);
    assertTrue(told.out().contains(file + ":1: first is good"), told::out);
    assertTrue(told.out().contains(file + ":7:9: hosts[0]: "), told::out);
    assertTrue(told.out().contains(file + ":9:"), told::out);
    assertTrue(told.out().contains(file + ":10:"), told::out);

    JsonNode record = new JsonMapper().readTree(Ctl.run("--json", "vs", "validate", file).out());
    assertFalse(record.path("valid").asBoolean());
    assertEquals("second", record.path("documents").get(1).path("name").asText());
    assertEquals(7, record.path("documents").get(1).path("problems").get(0).path("line").asInt());

    Ctl refused = Ctl.run("vs", "apply", file, "--state", place, "--yes");
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("nothing was written: " + file + ":7:9"), refused::err);
    assertTrue(refused.err().contains("proxyctl vs validate lists all"), refused::err);
    assertEquals(1, Ctl.run("vs", "get", "first", "--state", place).exit());
  }

  @Test
  void theSchemaIsJson() throws Exception {
    Ctl told = Ctl.run("vs", "validate", "--schema");
    assertEquals(0, told.exit(), told::toString);
    JsonNode schema = new JsonMapper().readTree(told.out());
    assertTrue(schema.path("$schema").asText().contains("json-schema.org"), told::out);
    assertTrue(told.out().contains("\"hosts\""), told::out);
  }

  @Test
  void namesComeFromTheDocumentTheOptionOrTheFile() throws Exception {
    String bare =
        """
        hosts: [names.example.com]
        rules: [{ to: [{ selector: "app=shop" }] }]
        """;
    Path file = file("from-file.yaml", bare);
    assertTrue(Ctl.run("vs", "validate", file).out().contains("from-file is good"));
    assertTrue(Ctl.run("vs", "validate", file, "--name", "other").out().contains("other is good"));
    Path two = file("two.yaml", bare + "---\n" + bare);
    Ctl unnamed = Ctl.run("vs", "validate", two);
    assertEquals(1, unnamed.exit());
    assertTrue(unnamed.err().contains("write a line 'name: NAME' into it"), unnamed::err);
    Ctl missing = Ctl.run("vs", "validate", dir.resolve("none.yaml"));
    assertTrue(missing.err().contains("there is no file"), missing::err);
    assertEquals(2, Ctl.run("vs", "validate").exit());
  }

  @Test
  void aReviewNamesWhatIsInTheWayAndWhereRequestsGo() throws Exception {
    Path file =
        file(
            "review.yaml",
            """
            hosts: [review.example.com]
            rules:
              - name: all
                to: [{ selector: "app=shop" }]
              - name: nobody
                match: { path: { prefix: /nobody } }
                to: [{ selector: "app=none" }]
            """);
    Ctl first = Ctl.run("vs", "apply", file, "--state", place, "--yes");
    assertEquals(0, first.exit(), first::toString);
    assertTrue(first.out().contains("review: create"), first::out);
    assertTrue(
        first.out().contains("warning: review/nobody: no instance matches app=none"), first::out);
    assertTrue(
        first
            .out()
            .contains(
                """
                requests that go elsewhere then:
                  GET https://review.example.com/nobody
                  - nobody has the host
                  + review/nobody: app=none (0 instances)
                """),
        first::out);
    assertTrue(first.out().contains("review: generation 1 is in force"), first::out);

    Path same =
        file(
            "rival.yaml",
            """
            hosts: [review.example.com]
            rules:
              - name: all
                to: [{ selector: "app=shop" }]
            """);
    Ctl second = Ctl.run("--json", "vs", "apply", same, "--state", place, "--dry-run");
    assertEquals(0, second.exit(), second::toString);
    JsonNode review = new JsonMapper().readTree(second.out()).path("review");
    List<String> kinds =
        review
            .path("findings")
            .valueStream()
            .filter(finding -> finding.path("new").asBoolean())
            .map(finding -> finding.path("kind").asText())
            .toList();
    assertTrue(kinds.contains("overlap") || kinds.contains("unreachable"), second::out);
    assertTrue(kinds.contains("shared_host"), second::out);
    assertTrue(review.path("samples").size() > 0, second::out);
    assertFalse(new JsonMapper().readTree(second.out()).path("written").asBoolean());
  }
}
