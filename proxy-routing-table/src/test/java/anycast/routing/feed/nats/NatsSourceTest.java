package anycast.routing.feed.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Cells;
import anycast.routing.feed.RecordingSink;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.SourceEvent.Kind;
import anycast.routing.feed.Table;
import anycast.routing.model.RegionCode;
import anycast.routing.time.Ticker;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.NKey;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PurgeOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One source, one bucket, one real server.
@Timeout(120)
final class NatsSourceTest {
  private static final Pace FAST =
      new Pace(Duration.ofMillis(700), Duration.ofMillis(400), Duration.ofMillis(400));

  @TempDir private Path dir;

  private NatsServer server;
  private Connection operator;
  private NatsConfig config;
  private final RecordingSink sink = new RecordingSink();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    server = NatsServer.alone(dir.resolve("nats"), "");
    config = NatsConfig.of(List.of(server.uri()));
    connect();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    server.close();
  }

  private void connect() throws IOException, InterruptedException {
    operator =
        Nats.connect(
            new Options.Builder()
                .server(server.uri().toString())
                .noReconnect()
                .errorListener(new ErrorListener() {})
                .build());
    open.add(operator);
  }

  private KeyValue apps() throws IOException {
    return operator.keyValue("anycast-apps");
  }

  private void bucket() throws IOException {
    NatsState.makeBuckets(operator, config, List.of(Table.APPS));
  }

  private void put(String app, long gen) throws IOException, JetStreamApiException {
    apps().put(app, RowJson.value(List.of(app, gen)));
  }

  private NatsSource follow(NatsConfig from, Table table) {
    NatsSource source = new NatsSource(from, Set.of(table), Ticker.system(), FAST);
    open.add(source);
    source.start(sink);
    return source;
  }

  private NatsSource follow() {
    return follow(config, Table.APPS);
  }

  private static long count(List<SourceEvent> events, Class<? extends SourceEvent> type) {
    return events.stream().filter(type::isInstance).count();
  }

  private void awaitSnapshots(int number) throws InterruptedException {
    sink.await(number + " snapshots", all -> count(all, SourceEvent.SnapshotEnded.class) >= number);
  }

  private static Predicate<SourceEvent> saysOf(String app, long gen) {
    Cells cells = new Cells.Values(List.of(app, gen));
    return event ->
        switch (event) {
          case SourceEvent.Row row -> row.cells().equals(cells);
          case SourceEvent.Changed change -> change.cells().equals(cells);
          case SourceEvent.SnapshotBegun _,
              SourceEvent.SnapshotEnded _,
              SourceEvent.Resumed _,
              SourceEvent.Together _,
              SourceEvent.Lost _ ->
              false;
        };
  }

  private void await(String app, long gen) throws InterruptedException {
    sink.await(app + " " + gen, all -> all.stream().anyMatch(saysOf(app, gen)));
  }

  private void awaitLoss(String words) throws InterruptedException {
    sink.await(
        "a loss: " + words,
        all ->
            all.stream()
                .anyMatch(e -> e instanceof SourceEvent.Lost(_, String r) && r.contains(words)));
  }

  /// Positions of all changes since the last snapshot, which must be 1, 2, 3…
  private void assertContiguous() {
    long expected = 0;
    for (SourceEvent event : sink.of(Table.APPS)) {
      if (event instanceof SourceEvent.SnapshotEnded(_, var at)) {
        expected = at.position();
      } else if (event instanceof SourceEvent.Changed change) {
        assertEquals(++expected, change.position());
      }
    }
  }

  @Test
  void aMissingBucketIsALossAndNotAnEmptyTable() throws Exception {
    follow();
    awaitLoss("there is no bucket anycast-apps");
    assertEquals(0, count(sink.of(Table.APPS), SourceEvent.SnapshotBegun.class));
    bucket();
    awaitSnapshots(1);
    assertEquals(0, count(sink.of(Table.APPS), SourceEvent.Row.class));
  }

  @Test
  void tellsRowsThenTheEndThenChanges() throws Exception {
    bucket();
    put("shop", 1);
    put("blog", 1);
    put("blog", 2);
    put("gone", 1);
    apps().delete("gone");
    follow();
    awaitSnapshots(1);
    List<SourceEvent> snapshot = sink.of(Table.APPS);
    assertEquals(2, count(snapshot, SourceEvent.Row.class));
    put("shop", 2);
    put("new", 1);
    apps().delete("blog");
    put("shop", 3);
    await("shop", 3);
    List<SourceEvent.Changed> changes =
        sink.of(Table.APPS).stream()
            .filter(SourceEvent.Changed.class::isInstance)
            .map(SourceEvent.Changed.class::cast)
            .toList();
    assertEquals(
        List.of(Kind.UPDATE, Kind.INSERT, Kind.DELETE, Kind.UPDATE),
        changes.stream().map(SourceEvent.Changed::kind).toList());
    assertEquals(changes.getFirst().rowid(), changes.getLast().rowid());
    assertContiguous();
  }

  @Test
  void aGarbledValueIsAnUnreadableRowWithItsNameAndTheStreamGoesOn() throws Exception {
    bucket();
    apps().put("torn", "[\"torn\",".getBytes(StandardCharsets.UTF_8));
    apps().put("liar", RowJson.value(List.of("other", 1L)));
    follow();
    awaitSnapshots(1);
    put("shop", 1);
    await("shop", 1);
    List<String> reasons =
        sink.of(Table.APPS).stream()
            .filter(SourceEvent.Row.class::isInstance)
            .map(e -> assertInstanceOf(Cells.Unreadable.class, ((SourceEvent.Row) e).cells()))
            .map(Cells.Unreadable::reason)
            .toList();
    assertEquals(
        List.of("torn: the value is not JSON", "liar: the value is another row's"), reasons);
    assertEquals(1, count(sink.of(Table.APPS), SourceEvent.SnapshotBegun.class));
  }

  @Test
  void goesOnFromItsRevisionAfterTheServerDied() throws Exception {
    bucket();
    put("shop", 1);
    follow();
    awaitSnapshots(1);
    put("shop", 2);
    await("shop", 2);
    server.kill();
    awaitLoss("");
    server.start();
    connect();
    put("blog", 1);
    await("blog", 1);
    assertEquals(1, count(sink.of(Table.APPS), SourceEvent.SnapshotBegun.class));
    assertTrue(count(sink.of(Table.APPS), SourceEvent.Resumed.class) >= 1);
    assertContiguous();
  }

  @Test
  void aServerThatOnlyHoldsItsConnectionsIsLeftAndGoneOnWith() throws Exception {
    bucket();
    put("shop", 1);
    follow();
    awaitSnapshots(1);
    server.freeze();
    awaitLoss("");
    server.thaw();
    put("blog", 1);
    await("blog", 1);
    assertEquals(1, count(sink.of(Table.APPS), SourceEvent.SnapshotBegun.class));
    assertContiguous();
  }

  @Test
  void hearsWhatWasWrittenAndRemovedWhileItWasAway() throws Exception {
    bucket();
    put("shop", 1);
    put("blog", 1);
    put("stays", 1);
    NatsSource source = follow();
    awaitSnapshots(1);
    source.reopen();
    awaitLoss("closed");
    apps().delete("blog");
    put("shop", 2);
    await("shop", 2);
    assertTrue(
        sink.of(Table.APPS).stream()
            .anyMatch(e -> e instanceof SourceEvent.Changed c && c.kind() == Kind.DELETE));
    assertContiguous();
  }

  @Test
  void aBucketThatWasMadeAnewIsASnapshotAnew() throws Exception {
    bucket();
    put("shop", 1);
    follow();
    awaitSnapshots(1);
    operator.keyValueManagement().delete("anycast-apps");
    awaitLoss("there is no bucket");
    assertEquals(1, count(sink.of(Table.APPS), SourceEvent.SnapshotBegun.class));
    bucket();
    put("blog", 1);
    awaitSnapshots(2);
    await("blog", 1);
  }

  @Test
  void aPurgedBucketIsNoticedThoughNobodyTellsOfIt() throws Exception {
    bucket();
    put("shop", 1);
    put("blog", 1);
    follow();
    awaitSnapshots(1);
    operator
        .jetStreamManagement()
        .purgeStream("KV_anycast-apps", PurgeOptions.subject("$KV.anycast-apps.shop"));
    awaitLoss("has 1 keys, heard were 2");
    awaitSnapshots(2);
    operator.jetStreamManagement().purgeStream("KV_anycast-apps");
    awaitSnapshots(3);
    List<SourceEvent> events =
        sink.of(Table.APPS).stream()
            .filter(e -> !(e instanceof SourceEvent.Lost) && !(e instanceof SourceEvent.Resumed))
            .toList();
    assertInstanceOf(SourceEvent.SnapshotEnded.class, events.getLast());
    assertInstanceOf(SourceEvent.SnapshotBegun.class, events.get(events.size() - 2));
    put("new", 1);
    await("new", 1);
    assertContiguous();
  }

  @Test
  void aBackupThatWasPutBackIsASnapshotAnew() throws Exception {
    bucket();
    put("shop", 1);
    put("shop", 2);
    follow();
    awaitSnapshots(1);
    server.stop();
    Path backup = dir.resolve("backup");
    copy(server.store(), backup);
    server.start();
    connect();
    put("shop", 3);
    put("shop", 4);
    await("shop", 4);
    server.stop();
    delete(server.store());
    copy(backup, server.store());
    server.start();
    connect();
    sink.await(
        "generation 2 is back",
        all ->
            all.reversed().stream()
                    .filter(SourceEvent.Row.class::isInstance)
                    .findFirst()
                    .filter(saysOf("shop", 2))
                    .isPresent()
                && count(all, SourceEvent.SnapshotEnded.class) >= 2);
  }

  @Test
  void markersOfDeletesThatWerePurgedWhileAwayLeaveNoGhost() throws Exception {
    bucket();
    put("ghost", 1);
    put("shop", 1);
    NatsSource source = follow();
    awaitSnapshots(1);
    source.reopen();
    apps().delete("ghost");
    apps().purge("ghost");
    operator
        .jetStreamManagement()
        .purgeStream("KV_anycast-apps", PurgeOptions.subject("$KV.anycast-apps.ghost"));
    // either it heard the delete before it was purged, or it notices by the count
    sink.await(
        "the ghost is gone",
        all ->
            all.stream()
                    .anyMatch(e -> e instanceof SourceEvent.Changed c && c.kind() == Kind.DELETE)
                || count(all, SourceEvent.SnapshotEnded.class) > 1);
  }

  @Test
  void resnapshotTellsAllRowsAgainWithTheSameIds() throws Exception {
    bucket();
    put("shop", 1);
    NatsSource source = follow();
    awaitSnapshots(1);
    source.resnapshot(Table.APPS);
    awaitSnapshots(2);
    List<Long> ids =
        sink.of(Table.APPS).stream()
            .filter(SourceEvent.Row.class::isInstance)
            .map(e -> ((SourceEvent.Row) e).rowid())
            .toList();
    assertEquals(2, ids.size());
    assertEquals(ids.getFirst(), ids.getLast());
  }

  @Test
  void readTellsWhatStandsBesideTheStream() throws Exception {
    bucket();
    put("shop", 1);
    put("blog", 1);
    apps().delete("blog");
    NatsSource source = follow();
    awaitSnapshots(1);
    List<Cells> rows = new ArrayList<>();
    List<Long> ids = new ArrayList<>();
    source.read(
        Table.APPS,
        (rowid, cells) -> {
          ids.add(rowid);
          rows.add(cells);
        });
    assertEquals(List.of(new Cells.Values(List.of("shop", 1L))), rows);
    assertTrue(
        sink.of(Table.APPS).stream()
            .anyMatch(e -> e instanceof SourceEvent.Row row && row.rowid() == ids.getFirst()));
    server.kill();
    assertThrows(IOException.class, () -> source.read(Table.APPS, (_, _) -> {}));
  }

  @Test
  void aRowThatLeavesTheRegionIsRemoved() throws Exception {
    NatsConfig fra =
        new NatsConfig(
            config.servers(),
            "anycast",
            1,
            config.credentials(),
            Optional.empty(),
            Set.of(new RegionCode("fra")));
    NatsState.makeBuckets(operator, config, List.of(Table.NODES));
    KeyValue nodes = operator.keyValue("anycast-nodes");
    nodes.put("w1", RowJson.value(List.of("w1", "fra", "edge", "", 1L)));
    nodes.put("w2", RowJson.value(List.of("w2", "ams", "edge", "", 1L)));
    follow(fra, Table.NODES);
    awaitSnapshots(1);
    assertEquals(1, count(sink.of(Table.NODES), SourceEvent.Row.class));
    nodes.put("w1", RowJson.value(List.of("w1", "ams", "edge", "", 2L)));
    sink.await(
        "w1 left",
        all ->
            all.stream()
                .anyMatch(e -> e instanceof SourceEvent.Changed c && c.kind() == Kind.DELETE));
  }

  @Test
  void aWrongPasswordIsSaidAndARightOneFollows() throws Exception {
    server.stop();
    server =
        NatsServer.alone(dir.resolve("locked"), "authorization { user: edge, password: right }");
    NatsConfig.Credentials right = new NatsConfig.Credentials.UserPassword("edge", "right");
    NatsConfig locked =
        new NatsConfig(List.of(server.uri()), "anycast", 1, right, Optional.empty(), Set.of());
    try (NatsState tool = new NatsState(locked, Ticker.system())) {
      tool.awaitConnected(Duration.ofSeconds(30));
      tool.makeBuckets(List.of(Table.APPS));
    }
    NatsConfig wrong =
        new NatsConfig(
            List.of(server.uri()),
            "anycast",
            1,
            new NatsConfig.Credentials.UserPassword("edge", "wrong"),
            Optional.empty(),
            Set.of());
    follow(wrong, Table.APPS);
    awaitLoss("refused");
    assertFalse(wrong.toString().contains("wrong"));
    follow(locked, Table.APPS);
    awaitSnapshots(1);
  }

  /// The key of a credentials file signs what the server sends; a server without operators does not
  /// look at the token beside it.
  @Test
  void aCredentialsFileSigns() throws Exception {
    NKey key = NKey.createUser(null);
    server.stop();
    server =
        NatsServer.alone(
            dir.resolve("signed"),
            "authorization { users: [ { nkey: %s } ] }".formatted(new String(key.getPublicKey())));
    Path file = dir.resolve("user.creds");
    Files.writeString(
        file,
        """
        -----BEGIN NATS USER JWT-----
        none
        ------END NATS USER JWT------
        -----BEGIN USER NKEY SEED-----
        %s
        ------END USER NKEY SEED------
        """
            .formatted(new String(key.getSeed())));
    NatsConfig signed =
        new NatsConfig(
            List.of(server.uri()),
            "anycast",
            1,
            new NatsConfig.Credentials.CredentialsFile(file),
            Optional.empty(),
            Set.of());
    try (NatsState tool = new NatsState(signed, Ticker.system())) {
      tool.awaitConnected(Duration.ofSeconds(30));
      tool.makeBuckets(List.of(Table.APPS));
    }
    follow(signed, Table.APPS);
    awaitSnapshots(1);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : all.toList()) {
        Files.copy(one, to.resolve(from.relativize(one).toString()));
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path one : all.toList().reversed()) {
        Files.delete(one);
      }
    }
  }
}
