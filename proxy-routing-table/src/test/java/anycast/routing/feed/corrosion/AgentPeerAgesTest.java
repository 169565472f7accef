package anycast.routing.feed.corrosion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Decoded.Beat;
import anycast.routing.feed.corrosion.FakeAgent.Script;
import anycast.routing.model.NodeId;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AgentPeerAgesTest {
  private final FakeAgent[] agents = {agent(), agent(), agent()};

  AgentPeerAgesTest() throws IOException {}

  private static FakeAgent agent() throws IOException {
    return new FakeAgent(
        "SELECT node, seq, at_ms, age_ms FROM beats",
        "http",
        javax.net.ServerSocketFactory.getDefault());
  }

  @AfterEach
  void stop() throws IOException {
    for (FakeAgent agent : agents) {
      agent.close();
    }
  }

  private AgentPeerAges ages(FakeAgent... asked) {
    List<URI> urls = Arrays.stream(asked).map(FakeAgent::uri).toList();
    CorrosionConfig config = CorrosionConfig.of(urls, Optional.empty());
    return new AgentPeerAges(config, agents[0]::uri, Ticker.system());
  }

  private static Script beats(String... rows) {
    Script script = Script.status(200).lines("{\"columns\":[]}");
    for (int i = 0; i < rows.length; i++) {
      script.lines("{\"row\":[" + (i + 1) + ",[" + rows[i] + "]]}");
    }
    return script.lines("{\"eoq\":{\"time\":0.1}}").clean();
  }

  @Test
  void theOthersAreAskedAndTheFurthestBeatOfEachNodeCounts() throws Exception {
    agents[1].then(beats("\"n1\",7,50,900", "\"n2\",5,51,10", "null,1,1,1"));
    agents[2].then(beats("\"n1\",6,49,100", "\"n2\",6,52,20"));
    try (AgentPeerAges ages = ages(agents)) {
      assertEquals(
          Set.of(new Beat(new NodeId("n1"), 7, 50, 900), new Beat(new NodeId("n2"), 6, 52, 20)),
          Set.copyOf(ages.ask()));
    }
    assertTrue(agents[0].asked.isEmpty());
  }

  @Test
  void oneThatIsAwayIsPassedOver() throws Exception {
    agents[1].close();
    agents[2].then(beats("\"n1\",6,49,100"));
    try (AgentPeerAges ages = ages(agents)) {
      assertEquals(List.of(new Beat(new NodeId("n1"), 6, 49, 100)), ages.ask());
    }
  }

  @Test
  void noAnswerIsAnError() throws Exception {
    agents[1].then(Script.refusal(503, "max concurrency limit reached"));
    agents[2].then(Script.dumb());
    try (AgentPeerAges ages = ages(agents)) {
      assertThrows(IOException.class, ages::ask);
    }
  }

  @Test
  void theOnlyOneIsAskedItself() throws Exception {
    agents[0].then(beats("\"n1\",6,49,100"));
    try (AgentPeerAges ages = ages(agents[0])) {
      assertEquals(List.of(new Beat(new NodeId("n1"), 6, 49, 100)), ages.ask());
    }
  }
}
