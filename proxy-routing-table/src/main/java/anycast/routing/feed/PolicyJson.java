package anycast.routing.feed;

import anycast.routing.model.HealthCheck;
import anycast.routing.model.ServicePolicy;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The column `policy` of services.
///
/// ```json
/// {"concurrency": "requests", "spill": "soft",
///  "balance": {"slow_start": "30s", "subset": 20,
///              "affinity": {"kind": "cookie", "name": "session"},
///              "outlier": {"faults": 5, "eject": "10s", "max": "50%", "panic": "30%"}},
///  "queue": {"wait": "2s", "length": 100},
///  "retry": {"attempts": 3, "per_try": "2s", "budget": "20%", "per_second": 10,
///            "statuses": [502, 503]},
///  "hedge": {"after": "50ms", "quantile": "95%"},
///  "timeouts": {"connect": "2s", "total": "30s", "response": "60s", "idle": "60s"},
///  "checks": [{"port": 0, "interval": "10s", "timeout": "2s", "grace": "5s", "rise": 2, "fall": 3,
///              "http": {"method": "GET", "path": "/", "headers": {}, "tls": false,
///                       "server_name": "", "verify": true, "statuses": [200],
///                       "lag": {"header": "x-lag", "field": [], "bound": 5}}}]}
/// ```
///
/// Every field may be left out; what is left out is as in [ServicePolicy#USUAL], and in a check as
/// shown above (without `http`: a connection is enough; no statuses: any 2xx). Unknown fields are
/// refused: a misspelt limit must not be no limit. Lengths of time are [Lengths], shares `"20%"` or
/// 20.
///
/// **Threading.** Pure. **Limits.** [#MAX_CHARS]; [#MAX_CHECKS]. **Faults.**
/// `IllegalArgumentException` with a sentence that names the field.
public final class PolicyJson {
  /// Hundredfold what all fields take.
  private static final int MAX_CHARS = 1 << 16;

  /// Each is run beside each instance, again and again.
  private static final int MAX_CHECKS = 8;

  private static final int MAX_STATUSES = 32;
  private static final int MAX_HEADERS = 32;
  private static final int MAX_FIELDS = 16;
  private static final int MAX_TEXT = 4_096;
  private static final int MAX_PORT = 65_535;

  /// A client that waits for more attempts has gone.
  private static final int MAX_ATTEMPTS = 8;

  private static final long SECOND = 1_000_000_000L;

  /// As of a rule: who waits has a place that others of the process cannot have.
  private static final long MAX_WAIT_NANOS = 300 * SECOND;

  static final HealthCheck CHECK =
      new HealthCheck(0, null, 10 * SECOND, 2 * SECOND, 5 * SECOND, 2, 3);
  static final HealthCheck.Http HTTP =
      new HealthCheck.Http("GET", "/", Map.of(), false, "", true, Set.of(), null);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true)
          .build();

  private PolicyJson() {}

  /// Reads a policy.
  public static ServicePolicy decode(String json) {
    if (json.equals("{}")) {
      return ServicePolicy.USUAL;
    }
    if (json.length() > MAX_CHARS) {
      throw new IllegalArgumentException("policy wants at most " + MAX_CHARS + " characters");
    }
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("policy is not JSON: " + e.getOriginalMessage(), e);
    }
    ServicePolicy usual = ServicePolicy.USUAL;
    JsonFields in = new JsonFields("policy", root);
    ServicePolicy policy =
        new ServicePolicy(
            in.oneOf("concurrency", usual.concurrency()),
            in.oneOf("spill", usual.spill()),
            balance(in.object("balance"), usual.balance()),
            queue(in.object("queue"), usual.queue()),
            retry(in.object("retry"), usual.retry()),
            hedge(in.object("hedge"), usual.hedge()),
            timeouts(in.object("timeouts"), usual.timeouts()),
            checks(in.objects("checks", MAX_CHECKS)));
    in.end();
    return policy.equals(usual) ? usual : policy;
  }

  /// Says how a policy differs from the usual one; [#decode] reads it back.
  public static String encode(ServicePolicy policy) {
    return policy.equals(ServicePolicy.USUAL) ? "{}" : PolicyWriter.text(policy);
  }

  private static ServicePolicy.Balance balance(JsonFields in, ServicePolicy.Balance usual) {
    ServicePolicy.Balance balance =
        new ServicePolicy.Balance(
            in.duration("slow_start", usual.slowStartNanos()),
            in.number("subset", 0, Integer.MAX_VALUE, usual.subset()),
            affinity(in.object("affinity"), usual.affinity()),
            outlier(in.object("outlier"), usual.outlier()));
    in.end();
    return balance;
  }

  private static ServicePolicy.Affinity affinity(JsonFields in, ServicePolicy.Affinity usual) {
    ServicePolicy.Affinity affinity =
        new ServicePolicy.Affinity(
            in.oneOf("kind", usual.kind()), token(in, "name", usual.name(), false));
    boolean none = affinity.kind() == ServicePolicy.Affinity.Kind.NONE;
    if (none != affinity.name().isEmpty()) {
      throw in.unfit("name", none ? "says nothing without a kind" : "is empty");
    }
    in.end();
    return affinity;
  }

  private static ServicePolicy.Outlier outlier(JsonFields in, ServicePolicy.Outlier usual) {
    ServicePolicy.Outlier outlier =
        new ServicePolicy.Outlier(
            in.number("faults", 0, Integer.MAX_VALUE, usual.faults()),
            in.duration("eject", usual.ejectNanos()),
            in.percent("max", 100, usual.maxPercent()),
            in.percent("panic", 100, usual.panicPercent()));
    in.end();
    return outlier;
  }

  private static ServicePolicy.Queue queue(JsonFields in, ServicePolicy.Queue usual) {
    ServicePolicy.Queue queue =
        new ServicePolicy.Queue(
            in.duration("wait", usual.waitNanos()),
            in.number("length", 0, 1_000_000, usual.length()));
    if (queue.waitNanos() > MAX_WAIT_NANOS) {
      throw in.unfit("wait", "wants at most 5m");
    }
    in.end();
    return queue;
  }

  private static ServicePolicy.Retry retry(JsonFields in, ServicePolicy.Retry usual) {
    ServicePolicy.Retry retry =
        new ServicePolicy.Retry(
            in.number("attempts", 1, MAX_ATTEMPTS, usual.attempts()),
            in.duration("per_try", usual.perTryNanos()),
            in.percent("budget", 100, usual.budgetPercent()),
            in.number("per_second", 0, 1_000_000, usual.budgetPerSecond()),
            in.numbers("statuses", MAX_STATUSES, 400, 599));
    in.end();
    return retry;
  }

  private static ServicePolicy.Hedge hedge(JsonFields in, ServicePolicy.Hedge usual) {
    ServicePolicy.Hedge hedge =
        new ServicePolicy.Hedge(
            in.duration("after", usual.afterNanos()),
            in.percent("quantile", 99, usual.quantilePercent()));
    if (hedge.afterNanos() > 0 && hedge.quantilePercent() > 0) {
      throw in.unfit("quantile", "does not go with after: one of both says when");
    }
    in.end();
    return hedge;
  }

  private static ServicePolicy.Timeouts timeouts(JsonFields in, ServicePolicy.Timeouts usual) {
    ServicePolicy.Timeouts timeouts =
        new ServicePolicy.Timeouts(
            in.duration("connect", usual.connectNanos()),
            in.duration("total", usual.totalNanos()),
            in.duration("response", usual.responseNanos()),
            in.duration("idle", usual.idleNanos()));
    in.end();
    return timeouts;
  }

  private static List<HealthCheck> checks(List<JsonFields> all) {
    List<HealthCheck> checks = new ArrayList<>(all.size());
    for (JsonFields in : all) {
      boolean http = in.has("http");
      JsonFields fields = in.object("http");
      HealthCheck check =
          new HealthCheck(
              in.number("port", 0, MAX_PORT, 0),
              http ? http(fields) : null,
              in.duration("interval", CHECK.intervalNanos()),
              in.duration("timeout", CHECK.timeoutNanos()),
              in.duration("grace", CHECK.graceNanos()),
              in.number("rise", 1, 1_000, CHECK.rise()),
              in.number("fall", 1, 1_000, CHECK.fall()));
      if (check.intervalNanos() < SECOND / 100) {
        throw in.unfit("interval", "wants at least 10ms");
      }
      if (check.timeoutNanos() == 0) {
        throw in.unfit("timeout", "wants more than 0");
      }
      in.end();
      checks.add(check);
    }
    return checks;
  }

  private static HealthCheck.Http http(JsonFields in) {
    boolean lag = in.has("lag");
    JsonFields fields = in.object("lag");
    Map<String, String> headers = in.map("headers", MAX_HEADERS);
    headers.forEach((name, value) -> {
      checked(in, "headers", name, true);
      printable(in, "headers." + name, value);
    });
    HealthCheck.Http http =
        new HealthCheck.Http(
            token(in, "method", HTTP.method(), true),
            printable(in, "path", in.text("path", HTTP.path())),
            headers,
            in.flag("tls", HTTP.tls()),
            printable(in, "server_name", in.text("server_name", HTTP.serverName())),
            in.flag("verify", HTTP.verify()),
            Set.copyOf(in.numbers("statuses", MAX_STATUSES, 100, 599)),
            lag ? lag(fields) : null);
    if (!http.path().startsWith("/")) {
      throw in.unfit("path", "wants to begin with /");
    }
    if (http.path().indexOf(' ') >= 0) {
      throw in.unfit("path", "has a space");
    }
    in.end();
    return http;
  }

  private static HealthCheck.Lag lag(JsonFields in) {
    HealthCheck.Lag lag =
        new HealthCheck.Lag(
            token(in, "header", "", false), in.texts("field", MAX_FIELDS), in.fraction("bound"));
    if (lag.header().isEmpty() == lag.field().isEmpty()) {
      throw in.unfit("header", "or field wants to say where the number is, one of both");
    }
    in.end();
    return lag;
  }

  private static String token(JsonFields in, String name, String usual, boolean filled) {
    String text = in.text(name, usual);
    checked(in, name, text, filled);
    return text;
  }

  /// A token of HTTP (RFC 9110 §5.6.2): it is written into heads.
  private static void checked(JsonFields in, String name, String text, boolean filled) {
    if (filled && text.isEmpty() || text.length() > MAX_TEXT) {
      throw in.unfit(name, "wants 1 to " + MAX_TEXT + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!plain && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        throw in.unfit(name, "has a character that no name in HTTP has: position " + i);
      }
    }
  }

  private static String printable(JsonFields in, String name, String text) {
    if (text.length() > MAX_TEXT) {
      throw in.unfit(name, "wants at most " + MAX_TEXT + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        throw in.unfit(name, "has a character that is not printable ASCII: position " + i);
      }
    }
    return text;
  }
}
