package anycast.edge.request;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.Terms;
import anycast.edge.request.Explanation.Stage;
import anycast.routing.model.ServicePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Tells on what terms a request would be forwarded.
final class ExplainTerms {
  private ExplainTerms() {}

  /// Nothing for a plan that forwards nothing.
  static List<Stage> of(Plan plan) {
    return plan instanceof Plan.Forward forward
        ? List.of(new Stage("terms", true, told(forward.terms())))
        : List.of();
  }

  private static String told(Terms terms) {
    List<String> parts = new ArrayList<>();
    Plan.Timeouts timeouts = terms.timeouts();
    parts.add("answer within " + limit(timeouts.responseNanos()) + " of silence");
    if (timeouts.totalNanos() > 0) {
      parts.add("in all " + length(timeouts.totalNanos()));
    }
    parts.add("then idle " + limit(timeouts.idleNanos()));
    if (timeouts.connectNanos() > 0) {
      parts.add("connect " + length(timeouts.connectNanos()));
    }
    parts.add(told(terms.retry()));
    ServicePolicy.Hedge hedge = terms.hedge();
    if (hedge.afterNanos() > 0) {
      parts.add("hedged after " + length(hedge.afterNanos()));
    } else if (hedge.quantilePercent() > 0) {
      parts.add("hedged after the " + hedge.quantilePercent() + "th percentile");
    }
    if (terms.queueNanos() > 0) {
      parts.add("queues " + length(terms.queueNanos()) + " at a full instance");
    }
    if (!terms.copies().isEmpty()) {
      parts.add("copied to " + terms.copies().getFirst().candidates().getFirst().instance().id());
    }
    return String.join(", ", parts);
  }

  private static String told(ServicePolicy.Retry retry) {
    return retry.attempts()
        + (retry.attempts() == 1 ? " attempt" : " attempts")
        + (retry.perTryNanos() > 0 ? " of " + length(retry.perTryNanos()) : "")
        + (retry.statuses().isEmpty() ? "" : ", again on " + retry.statuses());
  }

  private static String limit(long nanos) {
    return nanos == 0 ? "any length" : length(nanos);
  }

  /// As configuration files write it.
  static String length(long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
