package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.admission.AdmissionLimits;
import anycast.routing.admission.ContentHash;
import anycast.routing.admission.HeldEntry;
import anycast.routing.admission.QuarantineDesk;
import anycast.routing.admission.QuarantineEntry;
import anycast.routing.admission.ScriptedDesk;
import anycast.routing.admission.Stage;
import anycast.routing.admission.Verdict;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The pages about what is kept out, over a real admin socket.
@Timeout(60)
class QuarantinePagesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long NOW = 1_000_000;

  private static final ContentHash ONE = ContentHash.parse("aabbccdd00000000" + "0000000000000001");
  private static final ContentHash TWO = ContentHash.parse("aabbccdd0e000000" + "0000000000000002");
  private static final ContentHash WAITS =
      ContentHash.parse("11223344" + "000000000000000000000003");

  @TempDir Path directory;
  private final ScriptedDesk desk = new ScriptedDesk();
  private Path socket;
  private AdminServer server;

  @BeforeEach
  void start() throws Exception {
    socket = directory.resolve("s");
    InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(NOW));
    AdmissionConfig config =
        new AdmissionConfig(Optional.of(directory), AdmissionLimits.STANDARD, false);
    QuarantinePages pages = new QuarantinePages(desk, config, clock);
    Map<String, AdminAnswer> answers = new HashMap<>(pages.pages());
    Counters counters = new Counters(List.of());
    QuarantineMetrics.bind(desk, counters);
    answers.put("/metrics", counters.metrics());
    answers.put("/line", _ -> pages.line());
    server = AdminServer.start(socket, answers);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static QuarantineEntry entry(ContentHash hash, String key, long sinceMillis) {
    return new QuarantineEntry(
        hash,
        "virtual_services",
        key,
        Stage.COMPILE,
        "it did not end within 250 ms",
        "at a.B.c(B.java:1)\nat a.B.d(B.java:2)",
        sinceMillis,
        NOW + 5_000,
        true);
  }

  private static HeldEntry held(Verdict.Why why, long untilMillis, String detail) {
    return new HeldEntry(WAITS, "virtual_services", "later", why, NOW - 2_000, untilMillis, detail);
  }

  private JsonNode get(String target) throws Exception {
    return body(AdminClient.get(socket, target));
  }

  private String post(String target) throws Exception {
    return AdminClient.say(socket, "POST " + target + " HTTP/1.1\r\nhost: x\r\n\r\n");
  }

  private static JsonNode body(String answer) throws Exception {
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
  }

  private void assertWrong(String answer, String sentence) {
    assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    assertTrue(answer.contains(sentence), answer);
  }

  @Test
  void listSaysWhatIsKeptOutWhyAndForHowLong() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW - 9_000), entry(TWO, "blog", NOW - 1_000));
    desk.held = List.of(held(Verdict.Why.SECOND_WAVE, NOW + 60_000, ""));
    desk.tally =
        new QuarantineDesk.Tally(
            Map.of(Stage.COMPILE, 2L), 1, 0, 7, 3, 0, "", List.of("the process before was killed"));

    JsonNode list = get("/quarantine");

    JsonNode newest = list.path("entries").get(0);
    assertEquals("blog", newest.path("key").asText());
    assertEquals(TWO.toString(), newest.path("hash").asText());
    assertEquals("virtual_services", newest.path("table").asText());
    assertEquals("compile", newest.path("stage").asText());
    assertEquals("it did not end within 250 ms", newest.path("reason").asText());
    assertEquals(1_000, newest.path("age_ms").asLong());
    assertEquals(5_000, newest.path("left_ms").asLong());
    assertTrue(newest.path("previous_serves").asBoolean());
    assertEquals("shop", list.path("entries").get(1).path("key").asText());
    JsonNode waits = list.path("held").get(0);
    assertEquals("second_wave", waits.path("why").asText());
    assertEquals("other instances take it first", waits.path("reason").asText());
    assertEquals(60_000, waits.path("left_ms").asLong());
    assertEquals(7, list.path("held_count").asInt());
    assertEquals("ok", list.path("journal").asText());
    assertEquals(2, list.path("rejected").path("compile").asInt());
    assertEquals("the process before was killed", list.path("notes").get(0).asText());
  }

  @Test
  void shortHashesTellAllEntriesApart() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW), entry(TWO, "blog", NOW));
    JsonNode entries = get("/quarantine").path("entries");
    assertEquals("aabbccdd00", entries.get(0).path("brief").asText());
    assertEquals("aabbccdd0e", entries.get(1).path("brief").asText());
    desk.entries = List.of(entry(ONE, "shop", NOW));
    assertEquals("aabbccdd", get("/quarantine").path("entries").get(0).path("brief").asText());
  }

  @Test
  void showHasStackAndDocument() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW), entry(TWO, "blog", NOW));
    desk.documents.put(ONE, "hosts: [shop.test]\n");
    JsonNode shown = get("/quarantine/show?hash=AABBCCDD00");
    assertEquals("shop", shown.path("entry").path("key").asText());
    assertTrue(shown.path("held").isNull());
    assertEquals("at a.B.c(B.java:1)\nat a.B.d(B.java:2)", shown.path("detail").asText());
    assertEquals("hosts: [shop.test]\n", shown.path("document").asText());
    assertTrue(get("/quarantine/show?hash=" + TWO).path("document").isNull());
  }

  @Test
  void showKnowsWhatWaitsToo() throws Exception {
    desk.held = List.of(held(Verdict.Why.SUSPECT, 0, "it is tried after 3 others"));
    JsonNode shown = get("/quarantine/show?hash=1");
    assertTrue(shown.path("entry").isNull());
    assertEquals("suspect", shown.path("held").path("why").asText());
    assertEquals("it is tried after 3 others", shown.path("held").path("reason").asText());
    assertTrue(shown.path("held").path("left_ms").isNull());
  }

  @Test
  void releaseIsAskedForOnceAndSaysWhatHappensNext() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW));
    JsonNode answer = body(post("/quarantine/release?hash=aabb"));
    assertEquals(List.of(ONE), desk.released);
    assertEquals("shop", answer.path("entry").path("key").asText());
    List<String> next = new ArrayList<>();
    answer.path("next").forEach(sentence -> next.add(sentence.asText()));
    assertTrue(next.toString().contains("stable after 30 s"), next::toString);
    assertTrue(next.toString().contains("kept out again for 24 h"), next::toString);
  }

  @Test
  void readingReleasesNothing() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW));
    String answer = AdminClient.get(socket, "/quarantine/release?hash=aabb");
    assertTrue(answer.startsWith("HTTP/1.1 405 "), answer);
    assertEquals(List.of(), desk.released);
  }

  @Test
  void anUnknownHashIsAnsweredWithTheNearestOnes() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW), entry(TWO, "blog", NOW));
    desk.held = List.of(held(Verdict.Why.SUSPECT, 0, ""));
    String answer = post("/quarantine/release?hash=aabbccdd0f");
    assertWrong(answer, "no entry begins with aabbccdd0f; there are aabbccdd00 (virtual_services");
    assertWrong(answer, "aabbccdd0e (virtual_services blog)");
    assertWrong(post("/quarantine/release?hash=aabb"), "2 entries begin with aabb: ");
    assertWrong(post("/quarantine/release?hash=1122"), "its turn comes by itself");
    assertWrong(post("/quarantine/release"), "hash wants 1 to 32 hexadecimal digits");
    assertWrong(
        AdminClient.get(socket, "/quarantine/show?hash=%1b%5b2J"),
        "hash wants 1 to 32 hexadecimal");
    assertWrong(
        AdminClient.get(socket, "/quarantine/show?hash=" + "a".repeat(33)), "hash wants 1 to 32");
    assertEquals(List.of(), desk.released);
  }

  @Test
  void whereNothingIsKeptOutThereIsNothingToName() throws Exception {
    assertEquals(0, get("/quarantine").path("entries").size());
    assertWrong(post("/quarantine/release?hash=aa"), "no entry begins with aa: there is none");
  }

  @Test
  void anEntryThatLeftMeanwhileIsToldApart() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW));
    desk.releases = false;
    assertWrong(post("/quarantine/release?hash=aabb"), "has just left quarantine by itself");
  }

  @Test
  void whatATenantWroteForgesNoLine() throws Exception {
    desk.entries = List.of(entry(ONE, "shop\u001b[2J\nready", NOW));
    String answer = AdminClient.get(socket, "/quarantine");
    assertFalse(answer.contains("\u001b"), answer);
    assertFalse(post("/quarantine/release?hash=ff").contains("\u001b"));
  }

  @Test
  void theLineOfAStatusNamesTheNewest() throws Exception {
    List<QuarantineEntry> many = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      many.add(entry(new ContentHash(i + 1, i + 1), "shop" + i, NOW - i));
    }
    desk.entries = many;
    desk.tally =
        new QuarantineDesk.Tally(
            Map.of(), 0, 2, 4, 1, 0, "it cannot be written: disk full", List.of());
    JsonNode line = get("/line");
    assertEquals(5, line.path("entries").asInt());
    assertEquals(3, line.path("named").size());
    assertEquals("shop0", line.path("named").get(0).path("key").asText());
    assertEquals(4, line.path("held").asInt());
    assertEquals("it cannot be written: disk full", line.path("journal").asText());
  }

  @Test
  void metricsCountWhatAlertsAreMadeOf() throws Exception {
    desk.entries = List.of(entry(ONE, "shop", NOW));
    desk.tally = new QuarantineDesk.Tally(Map.of(Stage.REHEARSE, 2L), 3, 4, 5, 6, 7, "", List.of());
    String text = AdminClient.get(socket, "/metrics");
    for (String sample :
        List.of(
            "quarantine_entries 1.0",
            "admission_held 5.0",
            "admission_unstable 6.0",
            "admission_suspects 7.0",
            "admission_abandoned_threads_total 3.0",
            "admission_journal_failures_total 4.0",
            "admission_rejected_total{stage=\"rehearse\"} 2.0",
            "admission_rejected_total{stage=\"compile\"} 0.0")) {
      assertTrue(text.contains(sample), () -> sample + " is not in\n" + text);
    }
  }
}
