package anycast.edge.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import anycast.backhaul.head.Fields;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRulesTest {
  private final HeaderRules rules = new HeaderRules(Scene.FRA);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fly-client-ip|203.0.113.7",
        "x-forwarded-for|203.0.113.7, 192.0.2.80",
        "x-forwarded-proto|https",
        "x-forwarded-ssl|on",
        "x-forwarded-port|443",
        "x-forwarded-host|a.test:443",
        "fly-forwarded-port|443",
        "fly-request-id|01JD3M5W3V9TQ4Z8R6K2N7XBCA-fra",
        "fly-region|fra",
        "via|1.1 anycast"
      })
  void writesWhatTheEdgeSaysOfARequestOverTls(String name, String value) {
    assertEquals(List.of(value), values(ruled(Scene.tls("a.test"), new Fields()), name));
  }

  @ParameterizedTest
  @CsvSource({
    "x-forwarded-proto,http",
    "x-forwarded-ssl,off",
    "x-forwarded-port,80",
    "fly-forwarded-port,80"
  })
  void writesWhatTheEdgeSaysOfAPlainRequest(String name, String value) {
    assertEquals(List.of(value), values(ruled(Scene.plain(), new Fields()), name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fly-client-ip",
        "fly_client_ip",
        "fly-region",
        "fly-request-id",
        "fly-forwarded-port",
        "fly-forwarded-proto",
        "fly_forwarded_port",
        "fly-src",
        "fly-src-signature",
        "fly-replay-src",
        "fly-replay-failed",
        "fly-replay-cache-status",
        "fly-preferred-instance-unavailable",
        "forwarded",
        "x-real-ip",
        "proxy",
        "x_real_ip",
        "x-forwarded-for",
        "x_forwarded_for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-forwarded-ssl",
        "x-forwarded-scheme",
        "x-anycast-to",
        "x-anycast-from",
        "x_anycast_id"
      })
  void replacesWhatAClientForged(String name) {
    Fields fields = new Fields();
    fields.add("accept", "before");
    fields.add(name, "forged");
    fields.add(name, "forged");
    fields.add("cookie", "behind");
    ruled(Scene.tls("a.test"), fields);
    for (int i = 0; i < fields.size(); i++) {
      assertFalse(fields.valueText(i).contains("forged"), fields.name(i) + " is forged");
    }
    assertEquals(List.of("before"), values(fields, "accept"));
    assertEquals(List.of("behind"), values(fields, "cookie"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fly-prefer-region",
        "fly-force-instance-id",
        "x-forwarded-port",
        "x-request-id",
        "fly-x",
        "x-forwarded",
        "f",
        "x",
        "forwarded-by"
      })
  void leavesWhatAClientMaySay(String name) {
    Fields fields = new Fields();
    fields.add(name, "said");
    assertEquals(List.of("said"), values(ruled(Scene.tls("a.test"), fields), name));
  }

  @Test
  void continuesTheListOfATrustedProxyOnly() {
    Visitor trusted =
        Visitor.of(Scene.tls("a.test").secured(), TrustedProxies.of(List.of("203.0.113.0/24")));
    Fields fields = new Fields();
    fields.add("x-forwarded-for", "198.51.100.1");
    fields.add("x-forwarded-for", "198.51.100.2");
    fields.add("x-forwarded-proto", "forged");
    ruled(trusted, fields);
    assertEquals(
        List.of("198.51.100.1, 198.51.100.2, 203.0.113.7, 192.0.2.80"),
        values(fields, "x-forwarded-for"));
    assertEquals(List.of("https"), values(fields, "x-forwarded-proto"));
    assertEquals(List.of("203.0.113.7"), values(fields, "fly-client-ip"));
  }

  @Test
  void appendsToViaAndCountsItsOwnName() {
    Fields fields = new Fields();
    fields.add("via", "1.0 fred, HTTP/1.1 anycast (x)");
    fields.add("via", "2 anycast");
    assertEquals(2, HeaderRules.passes(fields));
    ruled(Scene.tls("a.test"), fields);
    assertEquals(3, HeaderRules.passes(fields));
    assertEquals(3, values(fields, "via").size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "anycast", "1.1 anycastx", "1.1 x anycast", "1.1", "1.1 ,,2"})
  void takesNoOtherNameForItsOwn(String via) {
    Fields fields = new Fields();
    fields.add("via", via);
    assertEquals(0, HeaderRules.passes(fields));
  }

  @Test
  void writesIntoResponsesWhatTheClientShouldKnow() {
    Fields fields = new Fields();
    fields.add("content-type", "text/html");
    fields.add("fly-request-id", "of the app");
    fields.add("x-anycast-switched", "1");
    HeaderRules.onResponse(fields, "id-fra");
    assertEquals(List.of("id-fra"), values(fields, "fly-request-id"));
    assertEquals(List.of("2 anycast"), values(fields, "via"));
    assertEquals(List.of("anycast"), values(fields, "server"));
    assertEquals(List.of(), values(fields, "x-anycast-switched"));
  }

  @Test
  void leavesTheServerFieldOfAnApp() {
    Fields fields = new Fields();
    fields.add("server", "app");
    HeaderRules.onResponse(fields, "id-fra");
    assertEquals(List.of("app"), values(fields, "server"));
  }

  private Fields ruled(Visitor visitor, Fields fields) {
    rules.onRequest(fields, visitor, Scene.arrival(visitor), AsciiString.of("a.test:443"));
    return fields;
  }

  private static List<String> values(Fields fields, String name) {
    List<String> values = new ArrayList<>();
    AsciiString wanted = AsciiString.of(name);
    for (int i = fields.find(wanted); i >= 0; i = fields.find(wanted, i + 1)) {
      values.add(fields.valueText(i));
    }
    return values;
  }
}
