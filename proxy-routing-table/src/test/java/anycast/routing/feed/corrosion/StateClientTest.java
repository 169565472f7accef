package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.corrosion.FakeAgent.Script;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StateClientTest {
  private static final Statement QUERY = Statement.of("SELECT 1");
  private static final String COLUMNS = "{\"columns\":[\"1\"]}";
  private static final String ROW = "{\"row\":[1,[1]]}";
  private static final String END = "{\"eoq\":{\"time\":4.2e-6}}";

  private final FakeAgent agent = new FakeAgent("", "http", ServerSocketFactory.getDefault());
  private final FakeAgent other = new FakeAgent("", "http", ServerSocketFactory.getDefault());

  StateClientTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    agent.close();
    other.close();
  }

  private StateClient client(Duration limit, Ticker ticker) {
    return new StateClient(
        CorrosionConfig.of(List.of(agent.uri()), Optional.empty()), limit, ticker);
  }

  private String failure(Script script) throws Exception {
    agent.then(script);
    try (StateClient client = client(StateClient.USUAL_LIMIT, Ticker.system())) {
      return assertThrows(StateException.class, () -> client.query(QUERY)).getMessage();
    }
  }

  @Test
  void aQueryIsCompleteOnlyWithItsEnd() throws Exception {
    agent.then(Script.status(200).lines(COLUMNS, ROW, END).clean());
    try (StateClient client = client(StateClient.USUAL_LIMIT, Ticker.system())) {
      assertEquals(List.of(List.<Object>of(1L)), client.query(QUERY));
    }
    assertTrue(failure(Script.status(200).lines(COLUMNS, ROW).clean()).contains("not complete"));
    assertTrue(
        failure(Script.status(200).lines(COLUMNS, ROW).raw(END).clean()).contains("not complete"));
    assertTrue(failure(Script.status(200).lines(COLUMNS, ROW).torn()).contains("no whole answer"));
    assertTrue(
        failure(Script.status(200).lines(COLUMNS, ROW, "{\"error\":\"locked\"}").clean())
            .contains("locked"));
  }

  @Test
  void anAnswerThatStopsHalfwayIsGivenUpInTime() throws Exception {
    agent.then(Script.status(200).lines(COLUMNS, ROW));
    try (StateClient client = client(Duration.ofSeconds(1), Ticker.system())) {
      String told = assertThrows(StateException.class, () -> client.query(QUERY)).getMessage();
      assertTrue(told.contains("no whole answer from " + agent.uri()), told);
    }
  }

  @Test
  void anAnswerThatKeepsComingIsGivenUpInTimeToo() throws Exception {
    AtomicLong now = new AtomicLong();
    Ticker aSecondALook = () -> now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    Script endless = Script.status(200).lines(COLUMNS);
    for (int i = 0; i < 100; i++) {
      // each piece fills what a read takes, so that there are as many reads
      endless.raw(" ".repeat(16 * 1024));
    }
    agent.then(endless);
    try (StateClient client = client(Duration.ofSeconds(20), aSecondALook)) {
      String told = assertThrows(StateException.class, () -> client.query(QUERY)).getMessage();
      assertTrue(told.contains("not within 20 s"), told);
    }
  }

  @Test
  void anAgentThatNeverAnswersIsGivenUpInTime() throws Exception {
    agent.then(Script.dumb());
    try (StateClient client = client(Duration.ofSeconds(1), Ticker.system())) {
      StateException told = assertThrows(StateException.class, () -> client.query(QUERY));
      assertEquals(0, told.status());
      assertTrue(told.getMessage().contains("no answer within"), told.getMessage());
    }
  }

  @Test
  void aTransactionsAnswerThatIsCutIsNoAnswer() throws Exception {
    String whole =
        "{\"results\":[{\"rows_affected\":1,\"time\":0.1}],\"time\":0.2,\"version\":318,\"actor_id\":\"n\"}";
    agent.then(Script.status(200).raw(whole).clean());
    agent.then(Script.status(200).raw(whole.substring(0, 40)).clean());
    agent.then(Script.status(200).raw(whole.substring(0, 40)).torn());
    agent.then(Script.status(200).raw("").clean());
    agent.then(
        Script.refusal(500, "{\"results\":[{\"error\":\"no such table\"}],\"version\":null}"));
    try (StateClient client = client(StateClient.USUAL_LIMIT, Ticker.system())) {
      assertEquals(
          new StateClient.Committed(List.of(1L), OptionalLong.of(318), "n"),
          client.transact(List.of(QUERY)));
      for (int i = 0; i < 3; i++) {
        StateException cut =
            assertThrows(StateException.class, () -> client.transact(List.of(QUERY)));
        assertEquals(0, cut.status(), cut.getMessage());
      }
      StateException refused =
          assertThrows(StateException.class, () -> client.transact(List.of(QUERY)));
      assertEquals(500, refused.status());
      assertTrue(refused.getMessage().endsWith("500: no such table"), refused.getMessage());
    }
  }

  @Test
  void whatCannotBeConnectedToIsPassedOverAndNothingElseIs() throws Exception {
    agent.close();
    other.then(Script.status(200).lines(COLUMNS, ROW, END).clean());
    other.then(Script.refusal(421, ""));
    List<URI> urls = List.of(agent.uri(), other.uri());
    CorrosionConfig config =
        new CorrosionConfig(
            urls,
            Optional.of("secret"),
            Optional.of("agent-7"),
            Optional.empty(),
            CorrosionConfig.DEFAULT_STICKINESS);
    try (StateClient client = new StateClient(config)) {
      client.query(QUERY);
      StateException wrong = assertThrows(StateException.class, () -> client.query(QUERY));
      assertEquals(421, wrong.status());
    }
    FakeAgent.Asked asked = other.next();
    assertEquals("Bearer secret", asked.headers().get("authorization"));
    assertEquals("agent-7", asked.headers().get("x-corrosion-requested-endpoint-name"));
  }
}
