package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.AdmissionConfig;
import anycast.backhaul.runtime.QuarantinePages;
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
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The operator's commands, against the pages of a process over its socket.
@Timeout(60)
final class QuarantineCommandsTest {
  private static final long NOW = 1_750_000_000_000L;
  private static final ContentHash SHOP = new ContentHash(0xaabbccdd_00000000L, 1);
  private static final ContentHash BLOG = new ContentHash(0xaabbccdd_0e000000L, 2);
  private static final ContentHash LATER = new ContentHash(0x11223344_00000000L, 3);

  @TempDir Path directory;
  private final List<AdminServer> servers = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(AdminServer::close);
  }

  private Path serve(String name, QuarantineDesk desk) throws Exception {
    Path socket = directory.resolve(name);
    QuarantinePages pages =
        new QuarantinePages(
            desk, AdmissionConfig.STANDARD, InstantSource.fixed(Instant.ofEpochMilli(NOW)));
    Map<String, AdminAnswer> answers = new HashMap<>(pages.pages());
    answers.put("/status", _ -> Map.of("ready", true, "quarantine", pages.line()));
    servers.add(AdminServer.start(socket, answers));
    return socket;
  }

  private static QuarantineEntry entry(ContentHash hash, String key, boolean previous) {
    return new QuarantineEntry(
        hash,
        "virtual_services",
        key,
        Stage.COMPILE,
        "it did not end within 250 ms",
        "at anycast.routing.virtual.Labyrinth.walk(Labyrinth.java:7)",
        NOW - 90_000,
        NOW + 3_600_000,
        previous);
  }

  private static ScriptedDesk troubled() {
    ScriptedDesk desk = new ScriptedDesk();
    desk.entries = List.of(entry(SHOP, "shop", true));
    desk.held =
        List.of(
            new HeldEntry(
                LATER,
                "virtual_services",
                "later",
                Verdict.Why.SECOND_WAVE,
                NOW,
                NOW + 60_000,
                ""));
    desk.documents.put(SHOP, "hosts: [shop.test]\n\trules: \u001b]0;owned\u0007\n");
    desk.tally = tally("");
    return desk;
  }

  private static QuarantineDesk.Tally tally(String journal) {
    return new QuarantineDesk.Tally(
        Map.of(Stage.COMPILE, 1L), 1, 0, 1, 0, 0, journal, List.of("it was killed"));
  }

  @Test
  void listSaysWhatWhereWhyAndWhatServesInstead() throws Exception {
    Ctl ctl = run("--socket", serve("a", troubled()), "quarantine", "list");

    assertEquals(0, ctl.exit(), ctl::toString);
    assertLine(
        ctl,
        "aabbccdd",
        "virtual_services",
        "shop",
        "compile",
        "1m30s",
        "1h",
        "previous version",
        "it did not end within 250 ms");
    assertLine(ctl, "1 waiting for their turn");
    assertLine(ctl, "11223344", "later", "second_wave", "1m", "other instances take it first");
    assertLine(ctl, "journal off: a restart forgets all this; admission.directory would keep it");
    assertLine(ctl, "it was killed");
  }

  @Test
  void whereNothingServesThatIsSaid() throws Exception {
    ScriptedDesk desk = new ScriptedDesk();
    desk.entries = List.of(entry(BLOG, "blog", false));
    assertLine(run("--socket", serve("a", desk), "quarantine", "list"), "blog", " nothing ");
  }

  @Test
  void anEmptyQuarantineIsNoTable() throws Exception {
    Ctl ctl = run("--socket", serve("a", new ScriptedDesk()), "quarantine", "list");
    assertLine(ctl, "nothing is in quarantine");
    assertFalse(ctl.out().contains("HASH"), ctl::out);
  }

  @Test
  void severalProcessesAreAskedAndToldApart() throws Exception {
    Path one = serve("one", troubled());
    Path other = serve("other", new ScriptedDesk());
    Ctl ctl = run("--socket", one, "--socket", other, "quarantine", "list");
    assertTrue(
        ctl.out().indexOf("== " + one) < ctl.out().indexOf("shop")
            && ctl.out().indexOf("shop") < ctl.out().indexOf("== " + other),
        ctl::out);
    assertEquals(
        2,
        run("--socket", one, "--socket", other, "--json", "quarantine", "list")
            .out()
            .lines()
            .count());
  }

  @Test
  void showHasStackAndDocumentAndMovesNoCursor() throws Exception {
    Ctl ctl = run("--socket", serve("a", troubled()), "quarantine", "show", "aab");

    assertEquals(0, ctl.exit(), ctl::toString);
    assertLine(ctl, "hash", SHOP.toString());
    assertLine(ctl, "row", "virtual_services shop");
    assertLine(ctl, "stage", "compile");
    assertLine(ctl, "since", "2025-06-15T15:05:10Z", "1m30s ago");
    assertLine(ctl, "until", "1h0m left");
    assertLine(ctl, "serves", "the version before");
    assertLine(ctl, "  at anycast.routing.virtual.Labyrinth.walk(Labyrinth.java:7)");
    assertLine(ctl, "  hosts: [shop.test]");
    assertFalse(ctl.out().contains("\u001b"), ctl::out);
    Ctl waits = run("--socket", directory.resolve("a"), "quarantine", "show", LATER.toString());
    assertLine(waits, "is", "waiting: second_wave");
    assertLine(waits, "not known any more");
  }

  @Test
  void releaseSaysWhatHappensNext() throws Exception {
    ScriptedDesk desk = troubled();
    Ctl ctl = run("--socket", serve("a", desk), "quarantine", "release", "aabbccdd");

    assertEquals(List.of(SHOP), desk.released);
    assertEquals(0, ctl.exit(), ctl::toString);
    assertLine(ctl, "released: aabbccdd, virtual_services shop");
    assertLine(ctl, "compiled, rehearsed and put in force");
    assertLine(ctl, "other instances keep it out");
  }

  @Test
  void anUnknownHashIsAnErrorThatNamesTheNearOnes() throws Exception {
    ScriptedDesk desk = troubled();
    desk.entries = List.of(entry(SHOP, "shop", true), entry(BLOG, "blog", false));
    Path socket = serve("a", desk);
    Ctl ctl = run("--socket", socket, "quarantine", "release", "aabbccdf");
    assertEquals(1, ctl.exit(), ctl::toString);
    assertEquals("", ctl.out());
    assertTrue(ctl.err().contains("no entry begins with aabbccdf; there are "), ctl::err);
    assertTrue(ctl.err().contains("aabbccdd0e (virtual_services blog)"), ctl::err);
    Ctl both = run("--socket", socket, "quarantine", "release", "aabb");
    assertTrue(both.err().contains("2 entries begin with aabb"), both::err);
    assertEquals(1, run("--socket", socket, "quarantine", "show", "nonsense").exit());
    assertEquals(List.of(), desk.released);
  }

  @Test
  void machinesReadTheSame() throws Exception {
    Path socket = serve("a", troubled());
    JsonNode list = json(run("--socket", socket, "--json", "quarantine", "list"));
    assertEquals("shop", list.path("entries").get(0).path("key").asText());
    JsonNode shown = json(run("--socket", socket, "--json", "quarantine", "show", "aab"));
    assertTrue(shown.path("document").asText().startsWith("hosts"), shown::toString);
    JsonNode released = json(run("--socket", socket, "--json", "quarantine", "release", "aab"));
    assertEquals(3, released.path("next").size());
  }

  @Test
  void statusHasALineOfIt() throws Exception {
    ScriptedDesk desk = troubled();
    Path socket = serve("a", desk);
    assertLine(
        run("--socket", socket, "status"),
        "quarantine: 1 entry (virtual_services shop: it did not end within 250 ms), 1 held,"
            + " journal off");
    desk.entries = List.of();
    desk.tally = tally("cannot be written: no space");
    assertLine(
        run("--socket", socket, "status"),
        "quarantine: 0 entries, 1 held, journal cannot be written: no space");
  }

  @Test
  void aProcessThatIsOlderThanQuarantineSaysSo() throws Exception {
    Path socket = directory.resolve("old");
    servers.add(AdminServer.start(socket, Map.of("/status", _ -> Map.of("ready", true))));
    Ctl ctl = run("--socket", socket, "quarantine", "list");
    assertEquals(1, ctl.exit());
    assertTrue(ctl.err().contains("it is older than this tool"), ctl::err);
    assertFalse(run("--socket", socket, "status").out().contains("quarantine"));
  }

  /// A loaded machine may take longer than an operator would wait.
  private static Ctl run(Object... arguments) {
    List<Object> line = new ArrayList<>(List.of("--timeout", "30s"));
    line.addAll(List.of(arguments));
    return Ctl.run(line.toArray());
  }

  private static JsonNode json(Ctl ctl) throws Exception {
    assertEquals(0, ctl.exit(), ctl::toString);
    assertEquals(1, ctl.out().lines().count(), ctl::out);
    return new ObjectMapper().readTree(ctl.out());
  }

  /// One line has all of these words, in this order.
  private static void assertLine(Ctl ctl, String... words) {
    for (String line : ctl.out().lines().toList()) {
      int at = 0;
      for (String word : words) {
        at = at < 0 ? at : line.indexOf(word, at);
      }
      if (at >= 0) {
        return;
      }
    }
    throw new AssertionError(List.of(words) + " are on no line of\n" + ctl.out() + ctl.err());
  }
}
