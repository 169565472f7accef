package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.ExchangeView;
import anycast.backhaul.exchange.RecentExchanges;
import anycast.edge.request.Explanation;
import anycast.routing.model.AppId;
import anycast.routing.model.Hostname;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EdgeAdminTest {
  private EdgeFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new EdgeFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://a.test/x?y|GET|forwarded, in this order: hello-1",
        "https://A.TEST|GET|forwarded, in this order: hello-1",
        "http://a.test/|GET|forwarded, in this order: hello-1",
        "http://shop.test/|GET|answered by the edge: 301 to https://shop.test/",
        "https://shop.test/|GET|refused before a request: none for this name",
        "https://x.wild.test/|GET|forwarded, in this order",
        "https://a.test:8443/|GET|refused before a request: no listener",
        "https://a.test/|TRACE|refused: 405 PH06",
        "http://nobody.test/|GET|refused: 404 PH20",
        "http://idle.test/|GET|refused: 503 PR01"
      })
  void explainsWhatWouldHappen(String url, String method, String result) {
    Explanation told = fixture.admin().explain(Map.of("url", url, "method", method));
    assertTrue(told.result().startsWith(result), told.toString());
    assertEquals("listener", told.stages().getFirst().stage());
  }

  @Test
  void explainsRequestsWithHeaders() {
    Map<String, String> query =
        Map.of("url", "http://a.test/", "headers", "X-A: b\nFly-Force-Region: iad\n");
    Explanation told = fixture.admin().explain(query);
    assertTrue(told.result().startsWith("forwarded, in this order: hello-2"), told.toString());
    assertThrows(
        IllegalArgumentException.class,
        () -> fixture.admin().explain(Map.of("url", "http://a.test/", "headers", "nonsense")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.test", "ftp://a.test/", "https://", "https://a b/"})
  void refusesWhatIsNoUrl(String url) {
    EdgeAdmin admin = fixture.admin();
    assertThrows(IllegalArgumentException.class, () -> admin.explain(Map.of("url", url)));
  }

  @Test
  void versionThatIsNotKeptIsAFaultThatNamesWhatIs() {
    EdgeAdmin admin = fixture.admin();
    for (String wrong : new String[] {"99", "0", "then"}) {
      String sentence =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> admin.explain(Map.of("url", "https://a.test/", "at", wrong)))
              .getMessage();
      assertTrue(
          sentence.contains("versions between 1 and " + fixture.version() + " are kept"), sentence);
    }
  }

  @Test
  void explainsOnAnEarlierVersionWhatWouldHaveHappenedThen() {
    long before = fixture.version();
    fixture.put(new Hostname("late.test", new AppId("hello"), 1));
    EdgeAdmin admin = fixture.admin();

    Explanation now = admin.explain(Map.of("url", "http://late.test/"));
    Explanation then =
        admin.explain(Map.of("url", "http://late.test/", "at", Long.toString(before)));

    assertTrue(now.result().startsWith("forwarded"), now.toString());
    assertTrue(then.result().startsWith("refused: 404"), then.toString());
    assertEquals("snapshot", then.stages().getFirst().stage());
    assertTrue(then.stages().getFirst().detail().startsWith("version " + before + ", published "));
    assertEquals(
        now.result(), admin.explain(Map.of("url", "http://late.test/", "at", "now")).result());
  }

  @Test
  void changesNothingByExplaining() {
    fixture.admin().explain(Map.of("url", "https://a.test/"));
    assertTrue(fixture.connector.seen.isEmpty());
  }

  @Test
  void aRefusalIsKnownByTheIdThatItsAnswerCarried() throws Exception {
    String id;
    try (H2Client client = new H2Client(fixture, "a.test")) {
      id = client.get("GET", "unrouted.test", "/x").field("fly-request-id");
    }
    var told = (RecentExchanges.Answer) fixture.edge.recent().answer(Map.of("id", id));
    ExchangeView only = told.found().getFirst();
    assertEquals(id, only.id());
    assertEquals("unrouted.test", only.asked().host());
    assertEquals("PH20", only.result().code());
    assertEquals(List.of(), only.tries());
  }
}
