package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.StateClient;
import anycast.routing.feed.corrosion.Statement;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsState;
import anycast.routing.time.Ticker;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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

/// A state on its way from a real store to a real NATS server, through a file, and back.
@Timeout(120)
final class StateMoveTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir private Path dir;

  private Places places;
  private URI store;
  private URI nats;

  @BeforeEach
  void start() throws Exception {
    places = new Places(dir);
    nats = places.emptyNats();
    store = places.store();
  }

  @AfterEach
  void stop() {
    places.close();
  }

  private void seed(URI url) throws Exception {
    try (StateClient client = new StateClient(List.of(url), Optional.empty())) {
      client.transact(
          List.of(
              Statement.put(Table.APPS, List.of("shop", 1L)),
              Statement.put(Table.HOSTNAMES, List.of("*.example.com", "shop", 1L)),
              Statement.put(
                  Table.INSTANCES,
                  List.of(
                      "w1.fra", "i1", "shop", "fra", "127.0.0.1", 80L, "flying", "{}", 1L, 5L))));
    }
  }

  private Map<String, Object> rows(URI url, Table table) throws Exception {
    Map<String, Object> rows = new HashMap<>();
    try (StateClient client = new StateClient(List.of(url), Optional.empty())) {
      client.query(Statement.of(table.select())).forEach(row -> rows.put(row.getFirst() + "", row));
    }
    return rows;
  }

  private static void assertDone(Ctl run) {
    assertEquals(0, run.exit(), run::toString);
  }

  @Test
  void carriesAWholeStateToNatsAndBackWithRowsThatNobodyCanUse() throws Exception {
    seed(store);
    Ctl there = Ctl.run("state", "export", "--from", store, "--to", nats);
    assertDone(there);
    assertTrue(there.out().contains("read back: 3 rows, all as written"), there::out);
    assertTrue(
        there.out().contains("instances/w1=2Efra.i1: state has the unknown value 'flying'"),
        there::out);
    URI second = places.store("second.db");
    assertDone(Ctl.run("state", "import", "--from", nats, "--to", second));
    for (Table table : Table.values()) {
      assertEquals(rows(store, table), rows(second, table));
    }
  }

  @Test
  void refusesATargetThatHoldsRowsUnlessTold() throws Exception {
    seed(store);
    assertDone(Ctl.run("state", "export", "--from", store, "--to", nats));
    URI second = places.store("second.db");
    try (StateClient client = new StateClient(List.of(second), Optional.empty())) {
      client.transact(List.of(Statement.put(Table.APPS, List.of("old", 1L))));
    }
    Ctl refused = Ctl.run("state", "import", "--from", nats, "--to", second);
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("holds 1 rows already; --replace"), refused::err);
    assertDone(
        Ctl.run("state", "import", "--from", nats, "--to", second, "--replace", "--dry-run"));
    assertEquals(List.of("old"), List.copyOf(rows(second, Table.APPS).keySet()));
    assertDone(Ctl.run("state", "import", "--from", nats, "--to", second, "--replace"));
    assertEquals(rows(store, Table.APPS), rows(second, Table.APPS));
  }

  @Test
  void carriesGarbledBytesThroughAFileAndLeavesOutWhatAStoreCannotHold() throws Exception {
    NatsConfig config = NatsConfig.of(List.of(nats));
    try (NatsState state = new NatsState(config, Ticker.system())) {
      state.awaitConnected(DEADLINE);
      state.makeBuckets(List.of(Table.APPS));
      state.put(Table.APPS, List.of("shop", 1L));
      byte[] torn = "[\"torn".getBytes(StandardCharsets.UTF_8);
      state.putAll(Table.APPS, List.of(NatsState.stored(Table.APPS, "torn", torn)));
    }
    Path file = dir.resolve("state.ndjson");
    Ctl out = Ctl.run("state", "export", "--from", nats, "--to", file);
    assertDone(out);
    assertTrue(out.out().contains("apps/torn: torn: the value is not JSON"), out::out);
    assertEquals(3, Files.readAllLines(file).size());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
        "keys of certificates would be in it");

    Ctl left = Ctl.run("state", "import", "--from", file, "--to", store);
    assertEquals(1, left.exit(), left::toString);
    assertTrue(left.out().contains("LEFT OUT"), left::out);
    assertEquals(List.of("shop"), List.copyOf(rows(store, Table.APPS).keySet()));

    Ctl back =
        Ctl.run(
            "state",
            "import",
            "--from",
            file,
            "--to",
            nats,
            "--replace",
            "--bucket-prefix",
            "other");
    assertDone(back);
    NatsConfig other =
        new NatsConfig(
            config.servers(), "other", 1, config.credentials(), Optional.empty(), config.regions());
    List<NatsState.Stored> apps = new ArrayList<>();
    try (NatsState state = new NatsState(other, Ticker.system())) {
      state.awaitConnected(DEADLINE);
      state.read(Table.APPS, apps::add);
    }
    assertEquals(2, apps.size());
    assertTrue(apps.stream().anyMatch(row -> row.cells() instanceof Cells.Unreadable));
  }

  @Test
  void refusesAFileThatIsNotWholeAndPlacesThatAreNone() throws Exception {
    Path file = dir.resolve("cut.ndjson");
    Files.writeString(file, "{\"table\":\"apps\",\"cells\":[\"shop\",1]}\n");
    Ctl cut = Ctl.run("state", "import", "--from", file, "--to", nats);
    assertEquals(1, cut.exit());
    assertTrue(cut.err().contains("is not whole"), cut::err);
    Ctl none = Ctl.run("state", "import", "--from", dir.resolve("none"), "--to", nats);
    assertTrue(none.err().contains("there is no file"), none::err);
    Ctl other = Ctl.run("state", "import", "--from", "ftp://x", "--to", nats);
    assertTrue(other.err().contains("neither http://"), other::err);
    Ctl same = Ctl.run("state", "import", "--from", nats, "--to", nats);
    assertEquals(1, same.exit());
    assertFalse(same.err().isEmpty());
  }
}
