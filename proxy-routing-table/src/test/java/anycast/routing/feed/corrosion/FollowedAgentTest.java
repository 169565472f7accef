package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.feed.FeedFollower;
import anycast.routing.feed.RecordingTable;
import anycast.routing.feed.Table;
import anycast.routing.feed.corrosion.FakeAgent.Script;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.table.Change;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What an agent's stream does to the table.
@Timeout(90)
final class FollowedAgentTest {
  private static final String COLUMNS = "{\"columns\":[\"name\",\"gen\"]}";
  private static final String END = "{\"eoq\":{\"time\":0.1,\"change_id\":4}}";

  private final FakeAgent agent = new FakeAgent();
  private final RecordingTable table = new RecordingTable();
  private final Semaphore gate = new Semaphore(0);
  private final CorrosionSource source =
      new CorrosionSource(
          CorrosionConfig.of(List.of(agent.uri()), Optional.empty()),
          EnumSet.of(Table.APPS),
          Ticker.system());

  FollowedAgentTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    source.close();
    agent.close();
  }

  private static String row(long rowid, String name, long gen) {
    return "{\"row\":[" + rowid + ",[\"" + name + "\"," + gen + "]]}";
  }

  private static String change(String kind, long rowid, String name, long gen, long id) {
    return "{\"change\":[\"%s\",%d,[\"%s\",%d],%d]}".formatted(kind, rowid, name, gen, id);
  }

  private static App app(String name, long gen) {
    return new App(new AppId(name), gen);
  }

  private void await(App... apps) throws InterruptedException {
    for (App app : apps) {
      table.await(app.toString(), all -> app.equals(all.get(app.key())));
    }
  }

  private void awaitGone(String name) throws InterruptedException {
    table.await(name + " gone", all -> !all.containsKey(app(name, 0).key()));
  }

  @Test
  void aNewSnapshotTouchesOnlyWhatDiffers() throws Exception {
    agent.then(
        Script.stream(COLUMNS, row(1, "a", 1), row(2, "b", 1), row(3, "c", 1), END)
            .lines(change("update", 1, "a", 2, 9)));
    agent.then(Script.stream(COLUMNS, row(7, "a", 1), row(8, "b", 5)).await(gate).lines(END));
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      await(app("a", 1), app("b", 1), app("c", 1));
      agent.next();
      agent.next();
      gate.release();
      await(app("b", 5));
      awaitGone("c");
      assertEquals(
          List.of(new Change.Put(app("b", 5)), new Change.Remove(app("c", 1).key())),
          table.changes().subList(3, 5));
      assertEquals(5, table.changes().size());
    }
  }

  @Test
  void aSnapshotThatIsCutChangesNothing() throws Exception {
    agent.then(Script.stream(COLUMNS, row(1, "a", 1), END).lines("{\"error\":\"gone\"}"));
    agent.then(Script.stream(COLUMNS, row(1, "x", 1)).clean());
    agent.then(Script.stream(COLUMNS, row(1, "a", 1), row(2, "b", 1), END));
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      await(app("a", 1), app("b", 1));
      assertEquals(
          List.of(new Change.Put(app("a", 1)), new Change.Put(app("b", 1))), table.changes());
    }
  }

  @Test
  void aDeleteOfTheOldRowidKeepsTheNewRow() throws Exception {
    agent.then(
        Script.stream(COLUMNS, row(1, "a", 1), END)
            .lines(
                change("insert", 2, "a", 2, 5),
                change("delete", 1, "a", 1, 6),
                change("insert", 3, "b", 1, 7)));
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      await(app("b", 1));
      assertEquals(app("a", 2), table.entities().get(app("a", 0).key()));
    }
  }

  @Test
  void aRowThatIsReplacedByAnOverlongOneKeepsItsVersionBefore() throws Exception {
    String huge = "b".repeat(LineSplitter.MAX_LINE_BYTES);
    agent.then(
        Script.stream(COLUMNS, row(1, "a", 1), row(9, "b", 1), END)
            .lines(
                "{\"change\":[\"insert\",2,[\"a\",\"" + huge + "\"],5]}",
                change("delete", 1, "a", 1, 6),
                change("update", 9, "b", 2, 7)));
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      await(app("b", 2));
      assertEquals(app("a", 1), table.entities().get(app("a", 0).key()));
    }
  }

  @Test
  void oneOverlongRowCostsNobodyElseAnything() throws Exception {
    String huge = "{\"row\":[2,[\"" + "b".repeat(LineSplitter.MAX_LINE_BYTES) + "\",1]]}";
    agent.then(
        Script.stream(COLUMNS, row(1, "a", 1), huge, END).lines(change("update", 1, "a", 2, 5)));
    try (FeedFollower follower = table.follower(source, Ticker.system())) {
      follower.start();
      await(app("a", 2));
      assertEquals(1, table.entities().size());
    }
  }
}
