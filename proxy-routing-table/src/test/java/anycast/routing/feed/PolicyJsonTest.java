package anycast.routing.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.HealthCheck;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.ServicePolicy.Affinity;
import anycast.routing.model.ServicePolicy.Concurrency;
import anycast.routing.model.ServicePolicy.Spill;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyJsonTest {
  private static final long SECOND = 1_000_000_000L;

  private static final String ALL =
      """
      {"concurrency":"connections","spill":"latency",
       "balance":{"slow_start":"30s","subset":20,
         "affinity":{"kind":"cookie","name":"session"},
         "outlier":{"faults":3,"eject":"1m","max":"40%","panic":10}},
       "queue":{"wait":"1500ms","length":7},
       "retry":{"attempts":2,"per_try":"2s","budget":"25%","per_second":5,"statuses":[503]},
       "hedge":{"quantile":"95%"},
       "timeouts":{"connect":"1s","total":"30s","response":"2m","idle":"1h"},
       "checks":[{},{"port":81,"interval":"1s","timeout":"500ms","grace":0,"rise":1,"fall":2,
         "http":{"method":"HEAD","path":"/up?a=b","headers":{"host":"x"},"tls":true,
           "server_name":"app","verify":false,"statuses":[200,204],
           "lag":{"field":["replica","lag"],"bound":2.5}}}]}
      """;

  @Test
  void everyFieldIsRead() {
    ServicePolicy policy = PolicyJson.decode(ALL);
    assertEquals(
        new ServicePolicy(
            Concurrency.CONNECTIONS,
            Spill.LATENCY,
            new ServicePolicy.Balance(
                30 * SECOND,
                20,
                new Affinity(Affinity.Kind.COOKIE, "session"),
                new ServicePolicy.Outlier(3, 60 * SECOND, 40, 10)),
            new ServicePolicy.Queue(3 * SECOND / 2, 7),
            new ServicePolicy.Retry(2, 2 * SECOND, 25, 5, List.of(503)),
            new ServicePolicy.Hedge(0, 95),
            new ServicePolicy.Timeouts(SECOND, 30 * SECOND, 120 * SECOND, 3_600 * SECOND),
            List.of(
                PolicyJson.CHECK,
                new HealthCheck(
                    81,
                    new HealthCheck.Http(
                        "HEAD",
                        "/up?a=b",
                        Map.of("host", "x"),
                        true,
                        "app",
                        false,
                        Set.of(200, 204),
                        new HealthCheck.Lag("", List.of("replica", "lag"), 2.5)),
                    SECOND,
                    SECOND / 2,
                    0,
                    1,
                    2))),
        policy);
    assertEquals(policy, PolicyJson.decode(PolicyJson.encode(policy)));
  }

  @Test
  void onlyWhatDiffersIsWritten() {
    assertSame(ServicePolicy.USUAL, PolicyJson.decode("{}"));
    assertSame(ServicePolicy.USUAL, PolicyJson.decode("{ \"queue\": {\"length\": 100} }"));
    assertEquals("{}", PolicyJson.encode(ServicePolicy.USUAL));
    String json = "{\"spill\":\"hard\",\"queue\":{\"wait\":\"2s\"},\"checks\":[{}]}";
    assertEquals(json, PolicyJson.encode(PolicyJson.decode(json)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"spil":"soft"}                       | policy.spil is unknown
          {"queue":{"wait":"2 s"}}              | policy.queue.wait wants a length of time
          {"queue":{"wait":5}}                  | policy.queue.wait wants a length of time
          {"queue":{"wait":"25h"}}              | policy.queue.wait wants a length of time
          {"queue":{"wait":"6m"}}               | policy.queue.wait wants at most 5m
          {"queue":{"length":-1}}               | policy.queue.length wants 0 to
          {"queue":[]}                          | policy.queue wants an object
          {"retry":{"attempts":9}}              | policy.retry.attempts wants 1 to 8, got 9
          {"retry":{"budget":"120%"}}           | policy.retry.budget wants 0% to 100%
          {"retry":{"statuses":[200]}}          | policy.retry.statuses wants 400 to 599
          {"spill":"softly"}                    | policy.spill has the unknown value 'softly'
          {"hedge":{"after":"1s","quantile":9}} | policy.hedge.quantile does not go with after
          {"balance":{"affinity":{"kind":"header"}}} | policy.balance.affinity.name is empty
          {"checks":[{"interval":"1ms"}]}       | policy.checks[0].interval wants at least 10ms
          {"checks":[{"http":{"path":"up"}}]}   | policy.checks[0].http.path wants to begin with /
          {"checks":[{"http":{"lag":{"bound":1}}}]} | policy.checks[0].http.lag.header or field
          {"checks":[{"http":{"headers":{"a b":"c"}}}]} | policy.checks[0].http.headers has a
          {"spill":"soft","spill":"hard"}       | policy is not JSON
          {                                     | policy is not JSON
          []                                    | policy wants an object
          """)
  void whatIsWrongIsNamed(String json, String reason) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> PolicyJson.decode(json));
    assertTrue(refused.getMessage().startsWith(reason), refused.getMessage());
  }

  @Test
  void rowWithAPolicyThatIsWrongIsUnusableAndOneWithoutTheCellIsUsual() {
    List<Object> row = List.of("a", "w", "[80]", 0L, "http1", 0L, 0L, 0L, 1L, "{\"spil\":1}");
    Decoded wrong = RowCodec.decode(Table.SERVICES, new Cells.Values(row));
    assertEquals(new Decoded.Undecodable("policy.spil is unknown"), wrong);
    Decoded older = RowCodec.decode(Table.SERVICES, new Cells.Values(row.subList(0, 9)));
    Decoded.Routed routed = assertInstanceOf(Decoded.Routed.class, older);
    assertSame(ServicePolicy.USUAL, ((Service) routed.entity()).policy());
  }
}
