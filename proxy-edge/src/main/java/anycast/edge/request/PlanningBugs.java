package anycast.edge.request;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.backhaul.runtime.LogRate;
import anycast.routing.admission.RuleFaults;
import anycast.routing.virtual.CompiledRule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What becomes of a request in whose planning this proxy failed: it alone is refused, and a line
/// with the stack says where.
///
/// **Threading.** Any event loop.
final class PlanningBugs {
  private static final Logger LOG = LoggerFactory.getLogger(PlanningBugs.class);

  /// A stack is some 50 lines; a rule that fails does so at each of its requests.
  private static final int STACKS_PER_SECOND = 1;

  private final LogRate stacks = new LogRate(STACKS_PER_SECOND);
  private final RuleFaults faults;

  /// @param faults told which rules failed
  PlanningBugs(RuleFaults faults) {
    this.faults = faults;
  }

  /// The fault is in following a rule.
  ///
  /// @param asked whether nobody but an operator asks
  Plan refuse(CompiledRule rule, Throwable bug, boolean asked, long nowNanos) {
    if (!asked) {
      faults.onThrow(rule.origin(), rule.name(), bug, nowNanos);
    }
    return refuse("rule " + rule.name(), bug, nowNanos);
  }

  /// A rule was followed without a fault.
  void onServed(CompiledRule rule) {
    faults.onServed(rule.origin());
  }

  /// @param where in words: what was looked at
  Plan refuse(String where, Throwable bug, long nowNanos) {
    if (stacks.permits(nowNanos)) {
      LOG.error("a fault in this proxy costs a request: planning failed at {}", where, bug);
    }
    return new Plan.Refuse(Fault.of(FaultKind.PLANNING_FAILED, where + ": " + bug));
  }
}
