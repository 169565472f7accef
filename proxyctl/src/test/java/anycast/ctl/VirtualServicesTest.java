package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Virtual services that operators change, in a real store and in a real NATS server.
@Timeout(120)
final class VirtualServicesTest extends AtEachPlace {
  private static final int ROUNDS = 12;

  private static final int WRITERS = 2;

  private static Path document(String path) throws Exception {
    Path file = Files.createTempFile(dir, "vs", ".yaml");
    return Files.writeString(
        file,
        """
        hosts: [shop.example.com]
        rules:
          - name: all
            match: { path: { prefix: %s } }
            to:
              - { selector: app=shop }
        """
            .formatted(path));
  }

  private static Ctl vs(URI place, Object... arguments) {
    List<Object> line = new ArrayList<>(List.of("vs"));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--state", place));
    return Ctl.run(line.toArray());
  }

  private static Ctl apply(URI place, String name, String path, Object... more) throws Exception {
    List<Object> line = new ArrayList<>(List.of("apply", document(path), "--name", name));
    line.addAll(List.of(more));
    return vs(place, line.toArray());
  }

  private static JsonNode json(Ctl told) throws Exception {
    assertEquals(0, told.exit(), told::toString);
    return new JsonMapper().readTree(told.out());
  }

  @ParameterizedTest
  @MethodSource("places")
  void nobodyIsAskedWhereThereIsNoTerminalAndNothingIsWritten(URI place) throws Exception {
    Ctl told = apply(place, "quiet", "/a");
    assertEquals(1, told.exit());
    assertTrue(told.err().contains("nothing was written"), told::err);
    assertTrue(told.err().contains("--yes"), told::err);
    Ctl dry = apply(place, "quiet", "/a", "--dry-run");
    assertEquals(0, dry.exit(), dry::toString);
    assertTrue(dry.out().contains("quiet: create"), dry::out);
    assertTrue(dry.out().contains("dry run: nothing was written"), dry::out);
    assertEquals(1, vs(place, "get", "quiet").exit());
  }

  /// A document that says much, all of it legal.
  private static String wordy() {
    StringBuilder text = new StringBuilder("hosts: [wordy.example.com]\nrules:\n");
    for (int i = 0; text.length() < 1 << 20; i++) {
      text.append(
          "  - { name: r%d, match: { path: { prefix: /a%d } }, to: [ { selector: app=shop } ] }\n"
              .formatted(i, i));
    }
    return text.toString();
  }

  @Test
  void whatNoProcessTakesInIsNotWrittenAndKeepsNobodyFromWorking() throws Exception {
    URI store = places.store("wordy.db");
    Path file = Files.writeString(Files.createTempFile(dir, "vs", ".yaml"), wordy());
    Ctl told = vs(store, "apply", file, "--name", "wordy", "--yes");
    assertEquals(1, told.exit(), told::toString);
    assertTrue(told.err().contains("nothing was written: wordy is 1,"), told::err);
    assertEquals(1, vs(store, "get", "wordy").exit());

    // Another tool writes it all the same.
    Places.put(store, Table.VIRTUAL_SERVICES, List.of("wordy", wordy(), 1L));
    Ctl other = apply(store, "shop", "/a", "--yes");
    assertEquals(0, other.exit(), other::toString);
    Ctl list = vs(store, "list");
    assertEquals(0, list.exit(), list::toString);
    Ctl gone = vs(store, "delete", "wordy", "--yes");
    assertEquals(0, gone.exit(), gone::toString);
  }

  @ParameterizedTest
  @MethodSource("places")
  void versionsAreKeptComparedAndBroughtBack(URI place) throws Exception {
    assertEquals(0, apply(place, "shop", "/a", "--yes", "--note", "first").exit());
    String first = vs(place, "rollback", "shop", "--yes").err();
    assertTrue(first.contains("there is nothing to go back to"), first);
    String never = vs(place, "rollback", "nope", "--yes").err();
    assertTrue(never.contains("there never was a virtual service nope"), never);
    assertEquals(0, apply(place, "shop", "/b", "--yes").exit());
    assertTrue(vs(place, "list").out().matches("(?s).*shop +2 .*"), vs(place, "list")::out);
    assertTrue(vs(place, "get", "shop").out().contains("/b"));
    assertTrue(vs(place, "get", "shop", "--generation", "1").out().contains("/a"));
    Ctl diff = vs(place, "diff", "shop", "--from", "1");
    assertTrue(diff.out().contains("-     match: { path: { prefix: /a } }"), diff::out);
    assertTrue(diff.out().contains("+     match: { path: { prefix: /b } }"), diff::out);
    assertEquals("no difference\n", vs(place, "diff", "shop", document("/b")).out());

    Ctl back = vs(place, "rollback", "shop", "--yes");
    assertTrue(back.out().contains("shop: generation 3 is in force"), back::toString);
    assertTrue(vs(place, "get", "shop").out().contains("/a"));

    assertEquals(0, vs(place, "delete", "shop", "--yes").exit());
    assertEquals(1, vs(place, "get", "shop").exit());
    assertFalse(vs(place, "list").out().contains("shop"), vs(place, "list")::out);
    Ctl again = vs(place, "rollback", "shop", "--yes");
    assertTrue(again.out().contains("shop: generation 5 is in force"), again::toString);

    JsonNode history = json(vs(place, "--json", "history", "shop")).path("versions");
    assertEquals(
        List.of(5, 4, 3, 2, 1),
        history.valueStream().map(version -> version.path("generation").asInt()).toList());
    assertTrue(history.get(0).path("in_force").asBoolean(), history::toString);
    assertTrue(history.get(1).path("deleted").asBoolean(), history::toString);
    assertEquals("rollback to generation 1", history.get(2).path("note").asText());
    assertEquals("first", history.get(4).path("note").asText());
    assertTrue(history.get(4).path("author").asText().contains("@"), history::toString);
    assertEquals(1, vs(place, "get", "shop", "--generation", "9").exit());
  }

  @ParameterizedTest
  @MethodSource("places")
  void aChangeMadeFromWhatIsNotInForceIsRefusedAndToldWhatChanged(URI place) throws Exception {
    assertEquals(0, apply(place, "stale", "/a", "--yes").exit());
    Path mine = dir.resolve("mine-" + place.getScheme() + ".yaml");
    Files.writeString(mine, vs(place, "get", "stale").out().replace("/a", "/mine"));
    assertEquals(0, apply(place, "stale", "/theirs", "--yes").exit());

    Ctl told = vs(place, "apply", mine, "--name", "stale", "--yes");
    assertEquals(1, told.exit(), told::toString);
    assertTrue(told.err().contains("stale changed meanwhile: generation 2 by "), told::err);
    assertTrue(told.err().contains("made from generation 1; nothing was written"), told::err);
    assertTrue(told.out().contains("+     match: { path: { prefix: /theirs } }"), told::out);
    assertTrue(vs(place, "get", "stale").out().contains("/theirs"));
    assertEquals("", vs(place, "--json", "apply", mine, "--yes").out(), "nothing for machines");

    Files.writeString(mine, vs(place, "get", "stale").out().replace("/theirs", "/mine"));
    Ctl again = vs(place, "apply", mine, "--yes");
    assertTrue(again.out().contains("stale: generation 3 is in force"), again::toString);
    assertTrue(vs(place, "get", "stale").out().contains("/mine"));
    assertEquals(1, apply(place, "stale", "/new", "--yes", "--expect", "0").exit());
  }

  @ParameterizedTest
  @MethodSource("places")
  void ofTwoWhoSawTheSameOneWritesAndTheOtherLearnsIt(URI place) throws Exception {
    assertEquals(0, apply(place, "seen", "/a", "--yes").exit());
    try (Ledger one = ledger(place);
        Ledger other = ledger(place)) {
      Ledger.Step first = step(one, "seen", "first: 1\n");
      Ledger.Step second = step(other, "seen", "second: 2\n");
      Ledger.Step gone = step(other, "seen", "");
      assertEquals(new Ledger.Written.Took(), one.write(List.of(first)));
      assertEquals(new Ledger.Written.Lost("seen", 0), other.write(List.of(second)));
      assertEquals(new Ledger.Written.Lost("seen", 0), other.write(List.of(gone)));
      assertEquals(first.to().document(), one.head("seen").document().orElseThrow());
      assertEquals(2, one.versions("seen").size());
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void whatWasDeletedAndMadeAnewIsNotWhatWasSeen(URI place) throws Exception {
    try (Ledger one = ledger(place);
        Ledger other = ledger(place)) {
      Ledger.Step late = step(other, "phoenix", "late: 1\n");
      assertEquals(
          new Ledger.Written.Took(), one.write(List.of(step(one, "phoenix", "first: 1\n"))));
      assertEquals(new Ledger.Written.Took(), one.write(List.of(step(one, "phoenix", ""))));
      // absent again, as it was seen, but not the same absence
      assertEquals(new Ledger.Written.Lost("phoenix", 0), other.write(List.of(late)));
      assertTrue(one.head("phoenix").document().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void rowsThatOtherToolsWroteAreKeptBeforeTheyAreOverwritten(URI place) throws Exception {
    Places.put(place, Table.VIRTUAL_SERVICES, List.of("raw", "raw: 1\n", 7L));
    try (Ledger ledger = ledger(place)) {
      Ledger.Step step = step(ledger, "raw", "new: 1\n");
      assertEquals(8, step.to().generation());
      Places.put(place, Table.VIRTUAL_SERVICES, List.of("raw", "raw: 2\n", 7L));
      assertEquals(new Ledger.Written.Lost("raw", 0), ledger.write(List.of(step)));
      assertEquals(
          new Ledger.Written.Took(), ledger.write(List.of(step(ledger, "raw", "new: 1\n"))));
      List<Version> versions = ledger.versions("raw");
      assertEquals(List.of(8L, 7L), versions.stream().map(Version::generation).toList());
      assertEquals("raw: 2\n", versions.get(1).document());
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void writersWhoRaceNeverOverwriteEachOther(URI place) throws Exception {
    assertEquals(0, apply(place, "race", "/start", "--yes").exit());
    CyclicBarrier together = new CyclicBarrier(WRITERS);
    try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      for (int round = 1; round <= ROUNDS; round++) {
        long basis = round;
        List<Future<Boolean>> took = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
          String mine = "r%d: w%d\n".formatted(round, writer);
          took.add(
              writers.submit(() -> {
                try (Ledger ledger = ledger(place)) {
                  Ledger.Step step = step(ledger, "race", mine);
                  assertEquals(basis + 1, step.to().generation());
                  together.await();
                  return switch (ledger.write(List.of(step))) {
                    case Ledger.Written.Took _ -> true;
                    case Ledger.Written.Lost _ -> false;
                  };
                }
              }));
        }
        int winners = 0;
        for (Future<Boolean> one : took) {
          winners += one.get() ? 1 : 0;
        }
        assertEquals(1, winners, "round " + round);
      }
    }
    try (Ledger ledger = ledger(place)) {
      List<Version> versions = ledger.versions("race");
      assertEquals(ROUNDS + 1, versions.size());
      assertEquals(versions.getFirst().document(), ledger.head("race").document().orElseThrow());
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void onlySoManyVersionsAreKept(URI place) throws Exception {
    try (Ledger ledger = ledger(place)) {
      for (int i = 1; i <= Ledger.KEPT + 3; i++) {
        Ledger.Step step = step(ledger, "many", "n: " + i + "\n");
        assertInstanceOf(Ledger.Written.Took.class, ledger.write(List.of(step)));
      }
      List<Version> versions = ledger.versions("many");
      assertEquals(Ledger.KEPT, versions.size());
      assertEquals(Ledger.KEPT + 3, versions.getFirst().generation());
    }
  }

  private static Ledger.Step step(Ledger ledger, String name, String document) throws Exception {
    Head head = ledger.head(name);
    return new Ledger.Step(head, new Version(name, head.next(), document, "me@here", 5, ""));
  }

  private static Ledger ledger(URI place) throws Exception {
    return place.getScheme().equals("nats")
        ? new BucketLedger(anycast.routing.feed.nats.NatsConfig.of(List.of(place)))
        : new StoreLedger(place, java.util.Optional.empty());
  }
}
