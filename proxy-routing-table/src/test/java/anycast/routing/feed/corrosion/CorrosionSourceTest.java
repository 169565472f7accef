package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.RecordingSink;
import anycast.routing.feed.RecordingTable;
import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.FakeAgent.End;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An agent that misbehaves in every way that ends in "resume" or "snapshot anew".
@Timeout(60)
final class CorrosionSourceTest {
  private static final String COLUMNS = "{\"columns\":[\"name\",\"gen\"]}";
  private static final String ROW = "{\"row\":[1,[\"a\",1]]}";
  private static final String END = "{\"eoq\":{\"time\":0.1,\"change_id\":4}}";
  private static final String CHANGE = "{\"change\":[\"update\",1,[\"a\",2],5]}";
  private static final String POST = "POST /v1/subscriptions";
  private static final String RESUME = "GET /v1/subscriptions/sub-1?from=5";

  private final FakeAgent agent;
  private final CorrosionSource source;
  private final RecordingSink sink = new RecordingSink();

  CorrosionSourceTest() throws IOException {
    agent = new FakeAgent();
    source =
        new CorrosionSource(
            CorrosionConfig.of(List.of(agent.uri()), Optional.empty()),
            EnumSet.allOf(Table.class),
            Ticker.system());
  }

  @AfterEach
  void stop() throws IOException {
    source.close();
    agent.close();
  }

  private void requests(String... expected) throws InterruptedException {
    for (String request : expected) {
      assertEquals(request, agent.requests.poll(20, TimeUnit.SECONDS));
    }
  }

  private void tearWhenLive() throws InterruptedException {
    sink.await("live", e -> e.stream().anyMatch(SourceEvent.Changed.class::isInstance));
    agent.tears.release();
  }

  private String loss() throws InterruptedException {
    sink.await(
        "a loss",
        events ->
            events.stream()
                .anyMatch(e -> e instanceof SourceEvent.Lost && e.table() == Table.APPS));
    return sink.of(Table.APPS).stream()
        .filter(SourceEvent.Lost.class::isInstance)
        .map(e -> ((SourceEvent.Lost) e).reason())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void resumesAfterACleanEndOfALiveStream() throws Exception {
    agent.answer(200, End.CLEAN, COLUMNS, ROW, END, CHANGE);
    agent.answer(200, End.HOLD, "{\"change\":[\"update\",1,[\"a\",3],6]}");
    source.start(sink);
    tearWhenLive();
    requests(POST, RESUME);
    sink.await(
        "change 6",
        events ->
            events.getLast() instanceof SourceEvent.Changed changed && changed.position() == 6);
  }

  @Test
  void resumesAfterATornStream() throws Exception {
    agent.answer(200, End.TORN, COLUMNS, ROW, END, CHANGE);
    agent.answer(200, End.HOLD);
    source.start(sink);
    tearWhenLive();
    requests(POST, RESUME);
  }

  @Test
  void beginsAnewWhereTheSnapshotWasCut() throws Exception {
    agent.answer(200, End.CLEAN, COLUMNS, ROW);
    agent.answer(200, End.HOLD, COLUMNS, ROW, END);
    source.start(sink);
    requests(POST, POST);
    assertTrue(loss().contains("ended the stream"), loss());
    sink.await("complete", e -> e.getLast() instanceof SourceEvent.SnapshotEnded);
  }

  @Test
  void beginsAnewAtOnceWhereTheSubscriptionIsUnknown() throws Exception {
    agent.answer(200, End.TORN, COLUMNS, ROW, END, CHANGE);
    agent.answer(404, End.CLEAN, "{\"error\":\"no such subscription\"}");
    agent.answer(200, End.HOLD, COLUMNS, ROW, END);
    source.start(sink);
    tearWhenLive();
    requests(POST, RESUME, POST);
  }

  @Test
  void beginsAnewAfterAnErrorLine() throws Exception {
    agent.answer(200, End.TORN, COLUMNS, ROW, END, CHANGE);
    agent.answer(200, End.CLEAN, "{\"error\":\"subscription already deleted older changes\"}");
    agent.answer(200, End.HOLD, COLUMNS, ROW, END);
    source.start(sink);
    tearWhenLive();
    requests(POST, RESUME, POST);
  }

  @Test
  void beginsAnewAfterALineThatIsNone() throws Exception {
    agent.answer(200, End.HOLD, COLUMNS, ROW, END, CHANGE, "{\"change\":[\"upd");
    agent.answer(200, End.HOLD, COLUMNS, ROW, END);
    source.start(sink);
    requests(POST, POST);
  }

  @Test
  void goesOnAfterRefusals() throws Exception {
    agent.answer(503, End.CLEAN, "max concurrency limit reached");
    agent.answer(500, End.CLEAN, "{\"error\":\"disk\"}");
    agent.answer(200, End.HOLD, COLUMNS, ROW, END);
    source.start(sink);
    requests(POST, POST, POST);
    assertTrue(loss().contains("503: max concurrency"), loss());
    sink.await("complete", e -> e.getLast() instanceof SourceEvent.SnapshotEnded);
  }

  @Test
  void saysWhereTheAgentHasAnotherSchema() throws Exception {
    agent.answer(200, End.HOLD, "{\"columns\":[\"name\",\"age\"]}");
    agent.answer(200, End.HOLD, COLUMNS, ROW, END);
    source.start(sink);
    requests(POST, POST);
    assertTrue(loss().contains("wanted [name, gen]"), loss());
  }

  @Test
  void snapshotAskedForIsNeverAResume() throws Exception {
    agent.answer(200, End.HOLD, COLUMNS, ROW, END, CHANGE);
    agent.answer(200, End.HOLD, COLUMNS, ROW, END);
    source.start(sink);
    sink.await("live", e -> e.stream().anyMatch(SourceEvent.Changed.class::isInstance));
    source.resnapshot(Table.APPS);
    requests(POST, POST);
    assertEquals("a new snapshot was asked for", loss());
  }

  @Test
  void gapLeadsTheFollowerToANewSnapshot() throws Exception {
    agent.answer(200, End.HOLD, COLUMNS, ROW, END, "{\"change\":[\"update\",1,[\"a\",9],7]}");
    agent.answer(200, End.HOLD, COLUMNS, "{\"row\":[1,[\"a\",10]]}", END);
    RecordingTable table = new RecordingTable();
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      requests(POST, POST);
      table.await(
          "generation 10", all -> all.values().stream().anyMatch(e -> e.generation() == 10));
      assertEquals(2, table.changes().size());
    }
  }

  @Test
  void oneOverlongRowIsSkippedAndTheStreamGoesOn() throws Exception {
    String huge = "{\"row\":[2,[\"" + "b".repeat(LineReader.MAX_LINE_BYTES) + "\",1]]}";
    agent.answer(200, End.HOLD, COLUMNS, ROW, huge, END, CHANGE);
    RecordingTable table = new RecordingTable();
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      table.await("a", all -> all.values().stream().anyMatch(e -> e.generation() == 2));
      assertEquals("rowid 2", follower.status().skipped().getFirst().row());
    }
  }
}
