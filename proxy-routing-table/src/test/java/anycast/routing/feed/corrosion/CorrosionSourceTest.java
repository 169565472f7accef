package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Cells;
import anycast.routing.feed.RecordingSink;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.feed.corrosion.FakeAgent.Script;
import anycast.routing.model.RegionCode;
import anycast.routing.time.Ticker;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// An agent that misbehaves in every way that ends in "resume" or "snapshot anew", over sockets.
/// What needs a clock is in [StreamMachineTest].
@Timeout(90)
final class CorrosionSourceTest {
  private static final String COLUMNS = "{\"columns\":[\"name\",\"gen\"]}";
  private static final String BEATS_COLUMNS =
      "{\"columns\":[\"node\",\"seq\",\"at_ms\",\"age_ms\"]}";
  private static final String ROW = "{\"row\":[1,[\"a\",1]]}";
  private static final String END = "{\"eoq\":{\"time\":0.1,\"change_id\":4}}";
  private static final String CHANGE_5 = "{\"change\":[\"update\",1,[\"a\",2],5]}";
  private static final String CHANGE_6 = "{\"change\":[\"update\",1,[\"a\",3],6]}";
  private static final String POST = "POST /v1/subscriptions";
  private static final String RESUME = "GET /v1/subscriptions/sub-1?from=5";

  private static final TableStream.Limits SOON_QUIET =
      new TableStream.Limits(AgentHttp.HEAD_LIMIT, AgentHttp.HEAD_LIMIT, Duration.ofMillis(300));

  private final FakeAgent agent = new FakeAgent();
  private final FakeAgent other = new FakeAgent();
  private final RecordingSink sink = new RecordingSink();

  /// Lets the agent go on when what it said has arrived.
  private final Semaphore gate = new Semaphore(0);

  private CorrosionSource source;

  CorrosionSourceTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    source.close();
    agent.close();
    other.close();
  }

  private static CorrosionConfig config(URI... agents) {
    return CorrosionConfig.of(List.of(agents), Optional.empty());
  }

  private void follow(CorrosionConfig config, Set<Table> tables, TableStream.Limits limits) {
    source = new CorrosionSource(config, tables, Ticker.system(), limits);
    source.start(sink);
  }

  private void follow(CorrosionConfig config) {
    follow(config, EnumSet.of(Table.APPS), TableStream.Limits.USUAL);
  }

  private void follow() {
    follow(config(agent.uri()));
  }

  private void requests(String... expected) throws InterruptedException {
    for (String request : expected) {
      assertEquals(request, agent.next().line());
    }
  }

  /// Waits for a change, and lets the agent go on.
  private void whenAt(long position) throws InterruptedException {
    awaitChange(position);
    gate.release();
  }

  private void awaitChange(long position) throws InterruptedException {
    sink.await(
        "change " + position,
        events ->
            events.stream()
                .anyMatch(e -> e instanceof SourceEvent.Changed c && c.position() == position));
  }

  private void awaitSnapshots(int count) throws InterruptedException {
    sink.await(
        count + " snapshots",
        events ->
            events.stream().filter(SourceEvent.SnapshotEnded.class::isInstance).count() >= count);
  }

  private List<String> losses() {
    List<String> losses = new ArrayList<>();
    for (SourceEvent event : sink.of(Table.APPS)) {
      if (event instanceof SourceEvent.Lost(_, String reason)) {
        losses.add(reason);
      }
    }
    return losses;
  }

  private void awaitLoss(String part) throws InterruptedException {
    sink.await(
        "loss: " + part,
        events ->
            events.stream()
                .anyMatch(e -> e instanceof SourceEvent.Lost l && l.reason().contains(part)));
  }

  @Test
  void aCleanEndOfALiveStreamIsALossThatResumes() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).clean());
    agent.then(Script.stream(CHANGE_6));
    follow();
    awaitChange(6);
    requests(POST, RESUME);
    assertEquals(List.of(agent.uri() + ": the agent ended the stream"), losses());
    assertEquals(
        1, sink.of(Table.APPS).stream().filter(SourceEvent.Resumed.class::isInstance).count());
  }

  @Test
  void aTornLiveStreamResumes() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).await(gate).torn());
    agent.then(Script.stream(CHANGE_6));
    follow();
    whenAt(5);
    awaitChange(6);
    requests(POST, RESUME);
  }

  @Test
  void aStreamLostBeforeItsFirstChangeIsNeverResumedFromZero() throws Exception {
    String fresh = "{\"eoq\":{\"time\":0.1,\"change_id\":0}}";
    agent.then(Script.stream(COLUMNS, ROW, fresh).clean());
    agent.then(Script.stream(COLUMNS, ROW, fresh));
    follow();
    requests(POST, POST);
    awaitSnapshots(2);
  }

  @Test
  void aResumeThatBeginsWithColumnsIsANewSnapshot() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).clean());
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5));
    follow();
    requests(POST, RESUME);
    awaitSnapshots(2);
    awaitLoss("began a new snapshot by itself");
  }

  @Test
  void aSnapshotCutBeforeItsEndIsAskedForAgainAtOnce() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW).clean());
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitSnapshots(1);
    awaitLoss("ended the stream before the snapshot's end");
  }

  @Test
  void anUnknownSubscriptionIsSubscribedAnew() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).clean());
    agent.then(Script.refusal(404, "{\"error\":\"no such subscription\"}"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, RESUME, POST);
    awaitLoss("404: no such subscription");
  }

  @Test
  void aRefusedFromIsSubscribedAnew() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).clean());
    agent.then(Script.refusal(400, "{\"error\":\"from\"}"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, RESUME, POST);
  }

  @Test
  void changesThatTheAgentPurgedCostASnapshot() throws Exception {
    String purged =
        "{\"error\":\"subscription already deleted older changes, min change id: 900\"}";
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).clean());
    agent.then(Script.stream(purged).clean());
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, RESUME, POST);
    awaitLoss("min change id: 900");
  }

  @Test
  void anErrorLineInALiveStreamCostsASnapshot() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5, "{\"error\":\"could not catch up\"}"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitLoss("could not catch up");
  }

  @Test
  void anErrorLineInASnapshotBeginsItAgain() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, "{\"error\":\"interrupted\"}"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitLoss("interrupted");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4, 5, 7, 900})
  void anIdThatIsNotTheNextCostsASnapshot(long id) throws Exception {
    String wrong = "{\"change\":[\"update\",1,[\"a\",9]," + id + "]}";
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5, wrong));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitLoss("change " + id + " came where 6 was due");
    awaitSnapshots(2);
    assertTrue(
        sink.of(Table.APPS).stream()
            .noneMatch(e -> e instanceof SourceEvent.Changed c && c.position() != 5));
  }

  @Test
  void anAgentBehindWhatWeAskedForIsFoundOutByItsIds() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).clean());
    agent.then(Script.stream("{\"change\":[\"update\",1,[\"a\",3],3]}"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, RESUME, POST);
    awaitLoss("change 3 came where 6 was due");
  }

  @Test
  void aCutLineAtTheEndIsNotBelieved() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).raw(CHANGE_6).clean());
    agent.then(Script.stream(CHANGE_6));
    follow();
    requests(POST, RESUME);
    awaitChange(6);
    awaitLoss("the agent ended the stream, within a line");
    assertEquals(
        2, sink.of(Table.APPS).stream().filter(SourceEvent.Changed.class::isInstance).count());
  }

  @Test
  void anEndOfQueryWithoutItsNewlineIsNoEnd() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW).raw(END).clean());
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitSnapshots(1);
  }

  @Test
  void aLineInDropsIsALine() throws Exception {
    agent.then(
        Script.stream(COLUMNS, ROW).drip(END + "\n").drip(CHANGE_5 + "\n").drip(CHANGE_6 + "\n"));
    follow();
    awaitChange(6);
    assertEquals(List.of(), losses());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"change\":[\"upd",
        "nonsense",
        "{\"change\":[\"replace\",1,[\"a\",3],6]}",
        "{\"change\":[\"update\",1,[\"a\",3],6]} trailing",
        "{\"row\":[2,[\"b\",1]]}",
        "{\"eoq\":{\"time\":0.1,\"change_id\":9}}",
      })
  void aLineThatIsNoEventHereCostsASnapshot(String line) throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5, line));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitSnapshots(2);
  }

  @Test
  void anEndOfQueryWithoutItsChangeIdIsNotASubscriptions() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, "{\"eoq\":{\"time\":0.1}}"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitLoss("an end of query without its change id");
  }

  @Test
  void anUnreadableRowIsPassedOnAndContinuityIsKept() throws Exception {
    agent.then(
        Script.stream(
            COLUMNS, ROW, END, "{\"change\":[\"update\",1,[\"a\",{\"b\":1}],5]}", CHANGE_6));
    follow();
    awaitChange(6);
    assertEquals(List.of(), losses());
  }

  @Test
  void anOverlongLineIsPassedOnAndContinuityIsKept() throws Exception {
    String much = "b".repeat(LineSplitter.MAX_LINE_BYTES);
    agent.then(
        Script.stream(
            COLUMNS,
            ROW,
            "{\"row\":[2,[\"" + much + "\",1]]}",
            END,
            "{\"change\":[\"update\",2,[\"" + much + "\",1],5]}",
            CHANGE_6));
    follow();
    awaitChange(6);
    assertEquals(List.of(), losses());
    List<Long> unreadable = new ArrayList<>();
    for (SourceEvent event : sink.of(Table.APPS)) {
      if (event instanceof SourceEvent.Row(_, long rowid, Cells.Unreadable _)) {
        unreadable.add(rowid);
      }
      if (event instanceof SourceEvent.Changed(_, _, long rowid, Cells.Unreadable _, _)) {
        unreadable.add(rowid);
      }
    }
    assertEquals(List.of(2L, 2L), unreadable);
  }

  @Test
  void aKindOfLineFromTheFutureIsPassedOver() throws Exception {
    agent.then(
        Script.stream(COLUMNS, ROW, "{\"news\":[1]}", END, CHANGE_5, "{\"news\":{}}", CHANGE_6));
    follow();
    awaitChange(6);
    assertEquals(List.of(), losses());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"name\",\"age\"", "\"name\",\"gen\",\"more\"", "\"name\"", "\"gen\",\"name\""})
  void columnsThatAreNotOursAreNamed(String columns) throws Exception {
    agent.then(Script.stream("{\"columns\":[" + columns + "]}"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
    awaitLoss(columns.equals("\"gen\",\"name\"") ? "in another order than" : "wanted [name, gen]");
    awaitSnapshots(1);
  }

  @Test
  void withoutASubscriptionsNameThereIsNothingToResume() throws Exception {
    agent.then(Script.status(200).lines(COLUMNS, ROW, END, CHANGE_5).clean());
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
  }

  @Test
  void aNameThatIsNoneIsNotPutIntoAPath() throws Exception {
    agent.then(
        Script.status(200)
            .header("corro-query-id", "../x?y z")
            .lines(COLUMNS, ROW, END, CHANGE_5)
            .clean());
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, POST);
  }

  @Test
  void aSubscriptionOfAnotherStatementIsNotResumed() throws Exception {
    agent.then(
        Script.stream(COLUMNS, ROW, END, CHANGE_5)
            .header("corro-query-hash", "00ff00ff00ff00ff")
            .clean());
    agent.then(Script.stream(CHANGE_6).header("corro-query-hash", "1111111111111111"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    requests(POST, RESUME, POST);
    awaitLoss("resumed another subscription");
  }

  @Test
  void anAgentThatStopsSpeakingIsReopenedAndResumes() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5));
    agent.then(Script.stream(CHANGE_6));
    follow();
    awaitChange(5);
    source.reopen();
    awaitChange(6);
    requests(POST, RESUME);
    awaitLoss("it was silent, and is opened again");
  }

  private void awaitResumed(int count) throws InterruptedException {
    sink.await(
        count + " resumed",
        events -> events.stream().filter(SourceEvent.Resumed.class::isInstance).count() >= count);
  }

  @Test
  void anAgentThatIsSilentAgainIsLeftForTheNextOne() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5));
    agent.otherwise(_ -> Script.stream());
    other.then(Script.stream(COLUMNS, ROW, END));
    follow(config(agent.uri(), other.uri()));
    awaitChange(5);
    source.reopen();
    awaitResumed(1);
    source.reopen();
    awaitSnapshots(2);
    requests(POST, RESUME);
    assertEquals(POST, other.next().line());
    awaitLoss("it was silent again");
  }

  @Test
  void anAgentThatSpokeInBetweenIsKept() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5));
    agent.then(Script.stream(CHANGE_6));
    agent.then(Script.stream());
    follow(config(agent.uri(), other.uri()));
    awaitChange(5);
    source.reopen();
    awaitChange(6);
    source.reopen();
    awaitResumed(2);
    assertEquals(agent.uri(), source.agent(Table.APPS));
    assertTrue(other.asked.isEmpty());
  }

  @Test
  void tablesThatAreQuietAtAnotherAgentThanTheBeatsStayThere() throws Exception {
    // the apps' stream is at the second agent already, and the beats' at the first
    try (FakeAgent beats = new FakeAgent("FROM ", "http", ServerSocketFactory.getDefault())) {
      beats.otherwise(asked ->
          asked.line().startsWith("GET")
              ? Script.stream()
              : asked.body().contains("FROM beats")
                  ? Script.stream(BEATS_COLUMNS, END)
                  : Script.status(421).clean());
      other.then(Script.stream(COLUMNS, ROW, END)).otherwise(_ -> Script.stream());
      follow(
          config(beats.uri(), other.uri()),
          EnumSet.of(Table.APPS, Table.BEATS),
          TableStream.Limits.USUAL);
      awaitSnapshots(2);
      source.reopen();
      awaitResumed(2);
      source.reopen();
      awaitResumed(3);
      assertEquals(other.uri(), source.agent(Table.APPS));
    }
  }

  @Test
  void anAgentThatTakesTheRequestAndNeverAnswersIsGivenUp() throws Exception {
    agent.then(Script.dumb()).otherwise(_ -> Script.stream(COLUMNS, ROW, END));
    follow(
        config(agent.uri()),
        EnumSet.of(Table.APPS),
        new TableStream.Limits(Duration.ofSeconds(2), Duration.ofSeconds(30), StreamMachine.QUIET));
    awaitLoss("no answer within 2 s");
    awaitSnapshots(1);
  }

  @Test
  void anAgentThatFallsSilentWithinASnapshotIsGivenUp() throws Exception {
    agent
        .then(Script.stream(COLUMNS, ROW))
        .otherwise(_ -> Script.stream(COLUMNS, ROW, END, CHANGE_5));
    follow(
        config(agent.uri()),
        EnumSet.of(Table.APPS),
        new TableStream.Limits(Duration.ofSeconds(30), Duration.ofSeconds(2), StreamMachine.QUIET));
    awaitLoss("not a byte within 2 s");
    awaitChange(5);
  }

  @Test
  void aQuietStreamIsOpenedAgainAndNobodyIsTold() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5));
    agent.then(Script.stream()).then(Script.stream()).then(Script.stream(CHANGE_6));
    follow(config(agent.uri()), EnumSet.of(Table.APPS), SOON_QUIET);
    awaitChange(6);
    requests(POST, RESUME, RESUME, RESUME);
    assertEquals(List.of(), losses());
    assertTrue(sink.of(Table.APPS).stream().noneMatch(SourceEvent.Resumed.class::isInstance));
  }

  @Test
  void closingWhileItConnectsIsNoBug() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(TableStream.class);
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    logger.addAppender(told);
    follow();
    try {
      CorrosionConfig config = config(agent.uri());
      AgentHttp http = new AgentHttp(config, Ticker.system());
      CountDownLatch asked = new CountDownLatch(1);
      TableStream[] stream = new TableStream[1];
      // the stream asks for the time before it asks the agent: then all is closed
      Ticker closing =
          () -> {
            stream[0].close();
            http.close();
            asked.countDown();
            return System.nanoTime();
          };
      stream[0] = new TableStream(Table.APPS, config, http, closing, TableStream.Limits.USUAL);
      stream[0].start(event -> {
        throw new AssertionError("told " + event);
      });
      assertTrue(asked.await(30, TimeUnit.SECONDS));
      stream[0].awaitEnd();
      assertEquals(List.of(), told.list);
    } finally {
      logger.detachAppender(told);
    }
  }

  @Test
  void aSnapshotAskedForIsNeverAResume() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    awaitChange(5);
    source.resnapshot(Table.APPS);
    requests(POST, POST);
    awaitSnapshots(2);
    assertEquals(List.of(agent.uri() + ": a new snapshot was asked for"), losses());
  }

  @Test
  void aSnapshotAskedForWhileWaitingDoesNotWait() throws Exception {
    Script later = Script.refusal(503, "max concurrency limit reached").header("retry-after", "60");
    agent.then(later).then(Script.stream(COLUMNS, ROW, END));
    follow();
    awaitLoss("503, it is overloaded: max concurrency limit reached");
    source.resnapshot(Table.APPS);
    awaitSnapshots(1);
  }

  @Test
  void refusalsAreTriedAgain() throws Exception {
    agent.then(Script.refusal(401, ""));
    agent.then(Script.refusal(503, "max concurrency limit reached"));
    agent.then(Script.refusal(500, "{\"error\":\"disk\"}"));
    agent.then(Script.refusal(302, ""));
    agent.then(Script.refusal(404, "no such route"));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow();
    awaitSnapshots(1);
    List<String> told = losses();
    assertEquals(agent.uri() + ": 401, the bearer token is missing or wrong", told.get(0));
    assertEquals(agent.uri() + ": 500: disk", told.get(2));
    assertEquals(5, told.size());
  }

  @Test
  void requestsSayWhoWeAreAndWhomWeMean() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).clean()).then(Script.stream(CHANGE_6));
    follow(
        new CorrosionConfig(
            List.of(agent.uri()),
            Optional.of("secret"),
            Optional.of("agent-7"),
            Optional.empty(),
            CorrosionConfig.DEFAULT_STICKINESS));
    awaitChange(6);
    FakeAgent.Asked subscribed = agent.next();
    FakeAgent.Asked resumed = agent.next();
    assertEquals("application/json", subscribed.headers().get("content-type"));
    assertEquals("[\"SELECT name, gen FROM apps\",[]]", subscribed.body());
    for (FakeAgent.Asked asked : List.of(subscribed, resumed)) {
      assertEquals("Bearer secret", asked.headers().get("authorization"));
      assertEquals("agent-7", asked.headers().get("x-corrosion-requested-endpoint-name"));
    }
  }

  @Test
  void theWrongEndpointIsLeftForTheNextAgent() throws Exception {
    agent.then(Script.refusal(421, ""));
    other.then(Script.stream(COLUMNS, ROW, END));
    follow(config(agent.uri(), other.uri()));
    awaitSnapshots(1);
    awaitLoss("421, it is not the endpoint that was asked for");
  }

  @Test
  void anotherAgentIsANewSnapshot() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5).await(gate).torn());
    other.then(Script.stream(COLUMNS, ROW, END));
    follow(
        new CorrosionConfig(
            List.of(agent.uri(), other.uri()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ZERO));
    whenAt(5);
    assertEquals(POST, other.next().line());
    awaitSnapshots(2);
  }

  @Test
  void aRegionsRowsAreFollowedByOneCanonicalStatement() throws Exception {
    CorrosionConfig config =
        new CorrosionConfig(
            List.of(agent.uri()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            CorrosionConfig.DEFAULT_STICKINESS,
            Optional.of(new RegionCode("fra")));
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow(config);
    assertEquals("[\"SELECT name, gen FROM apps\",[]]", agent.next().body());
    Statement instances = config.statement(Table.INSTANCES);
    assertEquals(Table.INSTANCES.select() + " WHERE region = ?", instances.sql());
    assertEquals(List.of("fra"), instances.params());
  }

  @Test
  void everyTableHasAStreamOfItsOwn() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END));
    follow(config(agent.uri()), EnumSet.allOf(Table.class), TableStream.Limits.USUAL);
    awaitSnapshots(1);
    assertEquals(EnumSet.allOf(Table.class), source.tables());
  }

  @Test
  void aReadingBesideTheStreamComparesWithIt() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END, CHANGE_5));
    agent.then(Script.stream(COLUMNS, "{\"row\":[1,[\"a\",2]]}", "{\"eoq\":{\"change_id\":5}}"));
    follow();
    awaitChange(5);
    List<Long> rows = new ArrayList<>();
    Watermark read = source.read(Table.APPS, (rowid, _) -> rows.add(rowid));
    assertEquals(List.of(1L), rows);
    assertEquals(new Watermark(agent.uri().toString(), "sub-1", 5), read);
    assertEquals(agent.next().body(), agent.next().body());
    assertEquals(List.of(), losses());
  }

  @Test
  void aReadingThatDoesNotEndIsWorthNothing() throws Exception {
    agent.then(Script.stream(COLUMNS, ROW, END));
    agent.then(Script.stream(COLUMNS, ROW).clean());
    agent.then(Script.stream(COLUMNS, ROW, "{\"error\":\"interrupted\"}"));
    agent.then(Script.stream(COLUMNS).raw(END).clean());
    agent.then(Script.refusal(503, "max concurrency limit reached"));
    follow();
    awaitSnapshots(1);
    for (String part :
        List.of("before its end", "interrupted", "before its end", "503 max concurrency")) {
      IOException told =
          assertThrows(IOException.class, () -> source.read(Table.APPS, (_, _) -> {}));
      assertTrue(told.getMessage().contains(part), told.getMessage());
    }
    assertFalse(losses().stream().anyMatch(reason -> reason.contains("interrupted")));
  }
}
