package anycast.edge.request;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.exchange.ResponseEdits;
import anycast.backhaul.exchange.Terms;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.rule.Action;
import anycast.routing.pick.ServiceStats;
import anycast.routing.virtual.CompiledRule;
import java.util.List;

/// On what terms requests are forwarded: what a rule says before what the service says before what
/// the process says.
///
/// @param usual the process's own
record Offers(Plan.Timeouts usual) {
  /// As the service's policy says.
  Terms ofService(ServicePolicy policy, ServiceStats stats, ResponseEdits edits) {
    return new Terms(
        "",
        timeouts(policy.timeouts(), 0),
        policy.retry(),
        policy.hedge(),
        stats,
        policy.queue().waitNanos(),
        edits,
        List.of());
  }

  /// As a rule says, over the policy of the instance's service.
  Terms ofRule(
      CompiledRule rule,
      Action.Forward forward,
      ServicePolicy policy,
      ServiceStats stats,
      ResponseEdits edits,
      List<Terms.Copy> copies) {
    anycast.routing.model.rule.Terms own = forward.terms();
    return new Terms(
        rule.name(),
        timeouts(policy.timeouts(), own.timeoutNanos()),
        retry(own, policy),
        policy.hedge(),
        stats,
        waitNanos(own, policy),
        edits,
        copies);
  }

  static ServicePolicy.Retry retry(anycast.routing.model.rule.Terms rule, ServicePolicy policy) {
    return rule.retry() == null ? policy.retry() : rule.retry();
  }

  static long waitNanos(anycast.routing.model.rule.Terms rule, ServicePolicy policy) {
    return rule.waitNanos() > 0 ? rule.waitNanos() : policy.queue().waitNanos();
  }

  /// How many candidates a plan wants: one for each attempt, and one for a hedge beside them.
  static int attempts(ServicePolicy.Retry retry, ServicePolicy.Hedge hedge) {
    return Math.max(1, retry.attempts()) + (hedge.equals(ServicePolicy.Hedge.NONE) ? 0 : 1);
  }

  /// A rule's timeout that is longer than the quiet before an answer that is allowed otherwise
  /// allows as much quiet: who writes two minutes wants two minutes.
  private Plan.Timeouts timeouts(ServicePolicy.Timeouts service, long ruleNanos) {
    if (ruleNanos == 0 && service.equals(ServicePolicy.USUAL.timeouts())) {
      return usual;
    }
    long totalNanos = ruleNanos > 0 ? ruleNanos : first(service.totalNanos(), usual.totalNanos());
    long responseNanos = first(service.responseNanos(), usual.responseNanos());
    return new Plan.Timeouts(
        responseNanos == 0 ? 0 : Math.max(responseNanos, ruleNanos),
        first(service.idleNanos(), usual.idleNanos()),
        totalNanos,
        first(service.connectNanos(), usual.connectNanos()));
  }

  private static long first(long one, long other) {
    return one > 0 ? one : other;
  }
}
