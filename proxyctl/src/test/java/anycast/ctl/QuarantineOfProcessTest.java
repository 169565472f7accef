package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.AdmissionConfig;
import anycast.backhaul.runtime.FollowedState;
import anycast.backhaul.runtime.StateConfig;
import anycast.routing.admission.AdmissionLimits;
import anycast.routing.admission.CompilerThread;
import anycast.routing.admission.FlightNotes;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Surroundings;
import anycast.routing.feed.StatePublisher;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.time.Ticker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// From a document that does harm to the operator and the author who learn it: a store's process, a
/// process' state with admission and publisher, and the commands.
@Timeout(240)
final class QuarantineOfProcessTest {
  private static final Ticker CLOCK = Ticker.system();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final NodeId NODE = new NodeId("edge-1");
  private static final RegionCode FRA = new RegionCode("fra");

  /// Faults are enabled, and nothing ends well or badly.
  private static final Surroundings AROUND =
      new Surroundings(
          LastEnd.NONE, FlightNotes.NONE, CompilerThread.Watch.NOBODY, () -> true, true);

  @TempDir Path directory;
  private URI store;
  private Path socket;

  private FollowedState open() throws Exception {
    StateConfig usual = StateConfig.of(List.of(store));
    return FollowedState.open(
        new StateConfig(
            usual.sources(),
            usual.limits(),
            Optional.empty(),
            new AdmissionConfig(
                Optional.of(directory.resolve("admission")), AdmissionLimits.STANDARD)),
        new Locality(NODE, FRA),
        CLOCK,
        InstantSource.system(),
        new FollowedState.Setting(AROUND, List.of(), _ -> {}));
  }

  private static StatePublisher publish(FollowedState state) {
    StatePublisher publisher =
        state.publisher(new Node(NODE, FRA, Node.Role.EDGE, "", 1), List.of());
    publisher.start();
    return publisher;
  }

  private void write(long generation, String last) throws Exception {
    Places.put(
        store,
        Table.VIRTUAL_SERVICES,
        List.of(
            "shop",
            "hosts: [shop.test]\nrules: [ { to: [ { selector: app=shop } ] } ]\n" + last,
            generation));
  }

  private Ctl run(Object... arguments) {
    List<Object> line = new ArrayList<>(List.of("--timeout", "30s"));
    line.addAll(List.of(arguments));
    return Ctl.run(line.toArray());
  }

  /// Asks again and again until the answer is the one that is waited for.
  private JsonNode await(String what, Predicate<JsonNode> wanted, Object... arguments)
      throws Exception {
    List<Object> line = new ArrayList<>(List.of("--json"));
    line.addAll(List.of(arguments));
    long untilNanos = CLOCK.nanos() + PATIENCE.toNanos();
    while (true) {
      Ctl ctl = run(line.toArray());
      JsonNode answer = new ObjectMapper().readTree(ctl.exit() == 0 ? ctl.out() : "{}");
      if (wanted.test(answer)) {
        return answer;
      }
      assertTrue(CLOCK.nanos() - untilNanos < 0, () -> "not " + what + ": " + ctl);
    }
  }

  private static long inForce(FollowedState state) {
    Entity shop = state.table().current().find(new Entity.VirtualServiceKey("shop"));
    return shop instanceof VirtualService virtual ? virtual.generation() : 0;
  }

  private static boolean has(JsonNode list, int entries) {
    return list.has("entries") && list.path("entries").size() == entries;
  }

  @Test
  void whatDoesHarmIsKeptOutToldReleasedAndHealedByANewVersion() throws Exception {
    socket = directory.resolve("edge.sock");
    try (Places places = new Places(directory)) {
      store = places.store();
      write(1, "");
      String hash;
      try (FollowedState state = open();
          AdminServer _ = AdminServer.start(socket, state.pages().pages());
          StatePublisher _ = publish(state)) {
        state.start();
        assertTrue(state.awaitServable(PATIENCE));
        assertEquals(1, inForce(state));
        write(2, "fault: { kind: throw, at: compile }\n");

        JsonNode entry =
            await("kept out", list -> has(list, 1), "--socket", socket, "quarantine", "list")
                .path("entries")
                .get(0);
        hash = entry.path("hash").asText();
        assertEquals("shop", entry.path("key").asText());
        assertEquals("compile", entry.path("stage").asText());
        assertTrue(entry.path("previous_serves").asBoolean(), entry::toString);
        assertEquals(1, inForce(state));
        Ctl shown = run("--socket", socket, "quarantine", "show", hash.substring(0, 8));
        assertTrue(shown.out().contains("fault: { kind: throw, at: compile }"), shown::toString);
        assertTrue(shown.out().contains("a built-in fault throws"), shown::toString);

        JsonNode told =
            await("in state", list -> has(list, 1), "quarantine", "list", "--state", store);
        assertEquals(hash, told.path("entries").get(0).path("hash").asText());
        assertEquals("edge-1", told.path("entries").get(0).path("node_names").get(0).asText());
        Ctl author = run("vs", "list", "--state", store);
        assertTrue(author.out().contains("kept out by 1 node"), author::toString);

        Ctl released = run("--socket", socket, "quarantine", "release", hash);
        assertEquals(0, released.exit(), released::toString);
        await(
            "kept out again",
            list -> has(list, 1) && list.path("rejected").path("compile").asInt() == 2,
            "--socket",
            socket,
            "quarantine",
            "list");
        assertEquals(1, inForce(state));
      }
      theNextProcessKnowsIt(hash);
    }
  }

  private void theNextProcessKnowsIt(String hash) throws Exception {
    try (FollowedState state = open();
        AdminServer _ = AdminServer.start(socket, state.pages().pages());
        StatePublisher _ = publish(state)) {
      state.start();
      assertTrue(state.awaitServable(PATIENCE));
      Ctl list = run("--socket", socket, "quarantine", "list");
      assertTrue(list.out().contains(hash.substring(0, 8)), list::toString);

      // The author takes it back: as version 1 was, and as what serves here.
      write(3, "");
      await("empty", all -> has(all, 0), "--socket", socket, "quarantine", "list");
      await("taken out of state", all -> has(all, 0), "quarantine", "list", "--state", store);
      assertFalse(run("vs", "list", "--state", store).out().contains("kept out by"));
      assertEquals(3, inForce(state));
    }
  }
}
