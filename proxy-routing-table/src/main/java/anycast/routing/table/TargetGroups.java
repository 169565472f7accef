package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Reserved;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Target;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Locality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// The target groups of all rules: one for each distinct selector and port, as long as a rule names
/// it.
///
/// **Threading.** Immutable. An [Edit] is one thread's.
///
/// @param slots by which compiled rules name them
/// @param names of those of selectors, by selector and port
/// @param index of those of selectors: which of them an instance may be in
record TargetGroups(Slots<TargetGroup> slots, ShardMap<Named<Use>> names, SelectorIndex index) {
  static final TargetGroups EMPTY =
      new TargetGroups(Slots.empty(), Named.map(), SelectorIndex.EMPTY);

  /// @param uses targets that name the group
  record Use(int slot, int uses) {}

  private static String name(LabelSelector selector, int port) {
    // No selector has a colon.
    return selector.text() + ":" + port;
  }

  Edit edit(Locality self) {
    return new Edit(this, self);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final TargetGroups base;
    private final Locality self;
    private final Slots.Edit<TargetGroup> slots;
    private final ShardMap.Edit<Named<Use>> names;
    private final SelectorIndex.Edit index;
    private final Map<Integer, GroupDraft> drafts = new LinkedHashMap<>();

    /// Groups that are not in the base, and were not there when instances were settled.
    private final Set<Integer> fresh = new LinkedHashSet<>();

    private Edit(TargetGroups base, Locality self) {
      this.base = base;
      this.self = self;
      this.slots = base.slots.edit();
      this.names = base.names.edit();
      this.index = base.index.edit();
    }

    /// A target names the group from now on.
    ///
    /// @return its slot
    int acquire(Target target) {
      String name = name(target.selector(), target.port());
      Named<Use> known = names.find(name);
      if (known != null) {
        names.put(new Named<>(name, new Use(known.value.slot, known.value.uses + 1)));
        return known.value.slot;
      }
      int slot = slots.add(GroupDraft.empty(target.selector(), target.port(), self));
      names.put(new Named<>(name, new Use(slot, 1)));
      index.add(slot, target.selector());
      fresh.add(slot);
      return slot;
    }

    /// A target that named the group is gone.
    void release(Target target) {
      String name = name(target.selector(), target.port());
      Named<Use> known = names.find(name);
      int slot = known.value.slot;
      if (known.value.uses > 1) {
        names.put(new Named<>(name, new Use(slot, known.value.uses - 1)));
        return;
      }
      names.remove(known);
      index.remove(slot, target.selector());
      fresh.remove(slot);
      remove(slot);
    }

    /// Adds a group whose members its owner tells.
    int add(LabelSelector shown, int port) {
      return slots.add(GroupDraft.empty(shown, port, self));
    }

    void remove(int slot) {
      drafts.remove(slot);
      slots.release(slot);
    }

    GroupDraft draft(int slot) {
      return drafts.computeIfAbsent(slot, at -> new GroupDraft(slots.at(at)));
    }

    /// An instance row was settled, before any group came or went.
    ///
    /// @param before null = it is new
    /// @param after null = it is gone
    void settled(Candidate before, Candidate after) {
      if (base.index.isEmpty()) {
        return;
      }
      if (after != null) {
        base.index.each(
            after.instance(),
            slot -> {
              if (base.slots.at(slot).selector().matches(after.instance())) {
                draft(slot).put(after);
              }
            });
      }
      if (before == null || after != null && after.instance() == before.instance()) {
        return;
      }
      InstanceKey key = before.instance().key();
      base.index.each(
          before.instance(),
          slot -> {
            LabelSelector selector = base.slots.at(slot).selector();
            if (selector.matches(before.instance())
                && (after == null || !selector.matches(after.instance()))) {
              draft(slot).leave(key);
            }
          });
    }

    /// @param world what else is in the next snapshot
    TargetGroups freeze(Settled world) {
      SelectorIndex next = index.freeze();
      fill(next, world);
      drafts.forEach((slot, draft) -> slots.set(slot, draft.freeze(self, world::app)));
      Slots<TargetGroup> groups = slots.freeze();
      ShardMap<Named<Use>> uses = names.freeze();
      return groups == base.slots && uses == base.names
          ? base
          : new TargetGroups(groups, uses, next);
    }

    /// New groups get their members: through the apps that their selector names; those that name
    /// none together in one walk over all instances.
    private void fill(SelectorIndex next, Settled world) {
      Set<Integer> anywhere = new LinkedHashSet<>();
      Map<String, List<Integer>> byApp = new HashMap<>();
      for (int slot : fresh) {
        List<String> apps = SelectorIndex.apps(slots.at(slot).selector());
        if (apps.isEmpty()) {
          anywhere.add(slot);
        }
        apps.forEach(app -> byApp.computeIfAbsent(app, _ -> new ArrayList<>()).add(slot));
      }
      Set<Integer> wanted = new LinkedHashSet<>();
      Consumer<Candidate> member =
          row ->
              next.each(
                  row.instance(),
                  slot -> {
                    if (!row.instance().id().equals(Reserved.INSTANCE)
                        && wanted.contains(slot)
                        && slots.at(slot).selector().matches(row.instance())) {
                      draft(slot).put(row);
                    }
                  });
      byApp.forEach((app, groups) -> {
        wanted.clear();
        wanted.addAll(groups);
        world.eachOf(app, member);
      });
      if (!anywhere.isEmpty()) {
        wanted.clear();
        wanted.addAll(anywhere);
        world.each(member);
      }
    }
  }

  /// Apps and instances of the next snapshot, which are settled before groups are.
  record Settled(
      ShardMap<Named<Integer>> names,
      Slots<AppRoute> apps,
      ShardMap<Named<InstanceRows>> instances) {
    AppRoute app(AppId id) {
      return apps.at(names.find(id.name(), 0).value);
    }

    void eachOf(String app, Consumer<Candidate> each) {
      Named<Integer> slot = names.find(app, 0);
      if (slot != null) {
        for (InstanceKey key : apps.at(slot.value).members.members()) {
          each.accept(instances.find(key.instance().value(), 0).value.on(key.node()));
        }
      }
    }

    void each(Consumer<Candidate> each) {
      instances.each(entry -> entry.value.rows().forEach(each));
    }
  }
}
