package anycast.routing.feed;

import anycast.routing.model.HealthCheck;
import anycast.routing.model.ServicePolicy;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;

/// A policy's differences from the usual one as [PolicyJson]; objects without fields are left out.
///
/// **Threading.** Pure.
final class PolicyWriter {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final ObjectNode out = NODES.objectNode();

  private PolicyWriter() {}

  static String text(ServicePolicy policy) {
    ServicePolicy usual = ServicePolicy.USUAL;
    return new PolicyWriter()
        .name("concurrency", policy.concurrency(), usual.concurrency())
        .name("spill", policy.spill(), usual.spill())
        .object("balance", balance(policy.balance(), usual.balance()))
        .object(
            "queue",
            new PolicyWriter()
                .length("wait", policy.queue().waitNanos(), usual.queue().waitNanos())
                .number("length", policy.queue().length(), usual.queue().length()))
        .object("retry", retry(policy.retry(), usual.retry()))
        .object(
            "hedge",
            new PolicyWriter()
                .length("after", policy.hedge().afterNanos(), usual.hedge().afterNanos())
                .share(
                    "quantile", policy.hedge().quantilePercent(), usual.hedge().quantilePercent()))
        .object("timeouts", timeouts(policy.timeouts(), usual.timeouts()))
        .checks(policy.checks())
        .out
        .toString();
  }

  private static PolicyWriter balance(ServicePolicy.Balance balance, ServicePolicy.Balance usual) {
    ServicePolicy.Outlier outlier = balance.outlier();
    ServicePolicy.Outlier plain = usual.outlier();
    return new PolicyWriter()
        .length("slow_start", balance.slowStartNanos(), usual.slowStartNanos())
        .number("subset", balance.subset(), usual.subset())
        .object(
            "affinity",
            new PolicyWriter()
                .name("kind", balance.affinity().kind(), usual.affinity().kind())
                .text("name", balance.affinity().name(), usual.affinity().name()))
        .object(
            "outlier",
            new PolicyWriter()
                .number("faults", outlier.faults(), plain.faults())
                .length("eject", outlier.ejectNanos(), plain.ejectNanos())
                .share("max", outlier.maxPercent(), plain.maxPercent())
                .share("panic", outlier.panicPercent(), plain.panicPercent()));
  }

  private static PolicyWriter retry(ServicePolicy.Retry retry, ServicePolicy.Retry usual) {
    return new PolicyWriter()
        .number("attempts", retry.attempts(), usual.attempts())
        .length("per_try", retry.perTryNanos(), usual.perTryNanos())
        .share("budget", retry.budgetPercent(), usual.budgetPercent())
        .number("per_second", retry.budgetPerSecond(), usual.budgetPerSecond())
        .numbers("statuses", retry.statuses());
  }

  private static PolicyWriter timeouts(
      ServicePolicy.Timeouts timeouts, ServicePolicy.Timeouts usual) {
    return new PolicyWriter()
        .length("connect", timeouts.connectNanos(), usual.connectNanos())
        .length("total", timeouts.totalNanos(), usual.totalNanos())
        .length("response", timeouts.responseNanos(), usual.responseNanos())
        .length("idle", timeouts.idleNanos(), usual.idleNanos());
  }

  private PolicyWriter checks(Collection<HealthCheck> checks) {
    ArrayNode all = NODES.arrayNode();
    HealthCheck usual = PolicyJson.CHECK;
    for (HealthCheck check : checks) {
      PolicyWriter one =
          new PolicyWriter()
              .number("port", check.port(), usual.port())
              .length("interval", check.intervalNanos(), usual.intervalNanos())
              .length("timeout", check.timeoutNanos(), usual.timeoutNanos())
              .length("grace", check.graceNanos(), usual.graceNanos())
              .number("rise", check.rise(), usual.rise())
              .number("fall", check.fall(), usual.fall());
      if (check.http() != null) {
        one.out.set("http", http(check.http()).out);
      }
      all.add(one.out);
    }
    if (!all.isEmpty()) {
      out.set("checks", all);
    }
    return this;
  }

  private static PolicyWriter http(HealthCheck.Http http) {
    HealthCheck.Http usual = PolicyJson.HTTP;
    PolicyWriter headers = new PolicyWriter();
    new TreeMap<>(http.headers()).forEach(headers.out::put);
    PolicyWriter one =
        new PolicyWriter()
            .text("method", http.method(), usual.method())
            .text("path", http.path(), usual.path())
            .object("headers", headers)
            .flag("tls", http.tls(), usual.tls())
            .text("server_name", http.serverName(), usual.serverName())
            .flag("verify", http.verify(), usual.verify())
            .numbers("statuses", new TreeSet<>(http.statuses()));
    if (http.lag() != null) {
      PolicyWriter lag = new PolicyWriter().text("header", http.lag().header(), "");
      if (!http.lag().field().isEmpty()) {
        ArrayNode field = lag.out.putArray("field");
        http.lag().field().forEach(field::add);
      }
      lag.out.put("bound", http.lag().bound());
      one.out.set("lag", lag.out);
    }
    return one;
  }

  private PolicyWriter object(String name, PolicyWriter object) {
    if (!object.out.isEmpty()) {
      out.set(name, object.out);
    }
    return this;
  }

  private PolicyWriter number(String name, int value, int usual) {
    if (value != usual) {
      out.put(name, value);
    }
    return this;
  }

  private PolicyWriter numbers(String name, Collection<Integer> values) {
    if (!values.isEmpty()) {
      ArrayNode array = out.putArray(name);
      values.forEach(array::add);
    }
    return this;
  }

  private PolicyWriter share(String name, int percent, int usual) {
    return percent == usual ? this : text(name, percent + "%", "");
  }

  private PolicyWriter length(String name, long nanos, long usual) {
    return nanos == usual ? this : text(name, Lengths.text(nanos), "");
  }

  private PolicyWriter text(String name, String value, String usual) {
    if (!value.equals(usual)) {
      out.put(name, value);
    }
    return this;
  }

  private PolicyWriter flag(String name, boolean value, boolean usual) {
    if (value != usual) {
      out.put(name, value);
    }
    return this;
  }

  private PolicyWriter name(String name, Enum<?> value, Enum<?> usual) {
    return value == usual ? this : text(name, value.name().toLowerCase(Locale.ROOT), "");
  }
}
