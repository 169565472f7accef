package anycast.edge.request;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.fault.FaultKind;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Target;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.PickRequest;
import anycast.routing.pick.PickResult;
import anycast.routing.pick.Picker;
import anycast.routing.table.TargetGroup;
import anycast.routing.virtual.CompiledRule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// Which of a rule's targets takes a request, and which of its instances.
///
/// A target is drawn by weight, for requests that belong together always the same. One without a
/// usable candidate is out, and the draw is repeated among the others, which so take over its share
/// in proportion to their own; one of weight 0 is never drawn. When all are out, the fallbacks are
/// asked in order. What a client insists on makes everybody else unusable for its request, in
/// fallbacks too.
///
/// Behind the instances of the target that was taken stand some of the others, as spares: rows may
/// call an instance ready whose host died a moment ago, and where that host holds the whole target,
/// only another one can answer. They are tried when everybody before them failed.
///
/// @param groups the snapshot's target groups by slot
record Targeting(Asked asked, Moment now, IntFunction<TargetGroup> groups) {
  /// Enough to see a pattern, short enough for a log line.
  private static final int MAX_REASONS = 8;

  /// As many as a usual plan has attempts: when they fail too, it is not for want of trying.
  private static final int MAX_SPARES = 3;

  /// Of one target; the second in case the first is in the plan already, as selectors may overlap.
  private static final int SPARES_OF_A_TARGET = 2;

  /// What was found.
  sealed interface Found {
    /// @param policy of the group
    record Chosen(
        TargetGroup group, ServicePolicy policy, List<Candidate> candidates, Affinity affinity)
        implements Found {}

    /// @param policy of a group that has members; the usual one where none has
    record Nobody(Fault fault, ServicePolicy policy) implements Found {}
  }

  Found of(CompiledRule rule, Action.Forward forward) {
    List<PickResult.None> nones = new ArrayList<>(0);
    Found.Chosen found = drawn(rule, forward, nones);
    if (found == null) {
      found = inOrder(rule.fallback(), forward, nones);
    }
    if (found == null) {
      return nobody(rule, nones);
    }
    return rule.to().length + rule.fallback().length == 1
        ? found
        : withSpares(found, rule, forward);
  }

  /// The same with spares of the other targets that are drawn at all, and of the fallbacks.
  private Found.Chosen withSpares(Found.Chosen chosen, CompiledRule rule, Action.Forward forward) {
    List<Candidate> plan = new ArrayList<>(chosen.candidates());
    int size = plan.size() + MAX_SPARES;
    for (int i = 0; i < rule.to().length; i++) {
      if (forward.to().get(i).weight() > 0) {
        addSpares(rule.to()[i], chosen, size, plan);
      }
    }
    for (int slot : rule.fallback()) {
      addSpares(slot, chosen, size, plan);
    }
    return new Found.Chosen(chosen.group(), chosen.policy(), plan, chosen.affinity());
  }

  private void addSpares(int slot, Found.Chosen chosen, int size, List<Candidate> plan) {
    TargetGroup group = groups.apply(slot);
    if (plan.size() >= size || group == chosen.group()) {
      return;
    }
    PickRequest request =
        new PickRequest(SPARES_OF_A_TARGET, asked.wish(), 0, now.nowNanos(), now.random(), false);
    if (group.picker(asked.port()).pick(request) instanceof PickResult.Picked(var spares)) {
      for (Candidate spare : spares) {
        if (plan.size() < size && !holds(plan, spare)) {
          plan.add(spare);
        }
      }
    }
  }

  private static boolean holds(List<Candidate> plan, Candidate candidate) {
    for (Candidate each : plan) {
      if (each.instance().equals(candidate.instance())) {
        return true;
      }
    }
    return false;
  }

  private Found.Chosen drawn(
      CompiledRule rule, Action.Forward forward, List<PickResult.None> nones) {
    List<Target> targets = forward.to();
    long total = 0;
    for (Target target : targets) {
      total += target.weight();
    }
    boolean[] out = null;
    long bits = bits(rule);
    while (total > 0) {
      int drawn = draw(targets, out, Moment.below(total, bits));
      Found.Chosen found = pick(rule.to()[drawn], forward, nones);
      if (found != null) {
        return found;
      }
      out = out == null ? new boolean[targets.size()] : out;
      out[drawn] = true;
      total -= targets.get(drawn).weight();
      bits = Moment.mixed(bits + 1);
    }
    return null;
  }

  /// What the draw goes by: chance, or what makes requests belong together, so that a client that
  /// met a canary meets it again. The first target says whether they do; all of one rule's targets
  /// serve one thing, and are of one mind about that.
  private long bits(CompiledRule rule) {
    ServicePolicy policy = groups.apply(rule.to()[0]).picker(asked.port()).policy();
    long key = Affinity.of(policy.balance().affinity(), asked, now).key();
    return key == 0 ? now.bits(Moment.Use.TARGET) : Moment.mixed(key);
  }

  private static int draw(List<Target> targets, boolean[] out, long ticket) {
    long left = ticket;
    int last = -1;
    for (int i = 0; i < targets.size(); i++) {
      if (out == null || !out[i]) {
        left -= targets.get(i).weight();
        last = i;
        if (left < 0) {
          break;
        }
      }
    }
    return last;
  }

  private Found.Chosen inOrder(int[] slots, Action.Forward forward, List<PickResult.None> nones) {
    for (int slot : slots) {
      Found.Chosen found = pick(slot, forward, nones);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private Found.Chosen pick(int slot, Action.Forward forward, List<PickResult.None> nones) {
    TargetGroup group = groups.apply(slot);
    Picker picker = group.picker(asked.port());
    ServicePolicy policy = picker.policy();
    Affinity affinity = Affinity.of(policy.balance().affinity(), asked, now);
    int attempts = Offers.attempts(Offers.retry(forward.terms(), policy), policy.hedge());
    PickRequest request =
        new PickRequest(
            attempts, asked.wish(), affinity.key(), now.nowNanos(), now.random(), now.done());
    return switch (picker.pick(request)) {
      case PickResult.Picked(var candidates) ->
          new Found.Chosen(group, policy, candidates, affinity);
      case PickResult.None none -> {
        nones.add(none);
        yield null;
      }
    };
  }

  private Found nobody(CompiledRule rule, List<PickResult.None> nones) {
    boolean wished = false;
    StringBuilder reasons = new StringBuilder(rule.name());
    for (int i = 0; i < nones.size(); i++) {
      wished |= nones.get(i).why() == PickResult.Why.WISH;
      if (i < MAX_REASONS) {
        reasons.append(i == 0 ? ": " : "; ").append(nones.get(i).reason());
      }
    }
    FaultKind kind = wished ? FaultKind.WISH_UNMET : FaultKind.NO_TARGET;
    return new Found.Nobody(Fault.of(kind, reasons.toString()), policy(rule));
  }

  /// Whose queue a request waits in that has no candidate: of the first target that knows.
  private ServicePolicy policy(CompiledRule rule) {
    for (int slot : rule.to()) {
      ServicePolicy policy = groups.apply(slot).picker(asked.port()).policy();
      if (policy.queue().waitNanos() > 0) {
        return policy;
      }
    }
    return ServicePolicy.USUAL;
  }
}
