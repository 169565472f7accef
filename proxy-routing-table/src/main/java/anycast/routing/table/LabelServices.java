package anycast.routing.table;

import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.HeaderEdits;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.LabelSelector.Requirement;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.PathMatch;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import anycast.routing.pick.Candidate;
import anycast.routing.virtual.CompiledRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/// Virtual services that instances make by their labels: all with the same host, path and port make
/// one. It is there as long as one of them is, in whatever state, so that its host does not fall to
/// somebody else while it restarts.
///
/// **Threading.** Immutable. An [Edit] is one thread's.
///
/// @param services by host, path and port
/// @param problems by node and id of the instance
record LabelServices(ShardMap<Named<Made>> services, ShardMap<Named<String>> problems) {
  static final LabelServices EMPTY = new LabelServices(Named.map(), Named.map());

  /// @param slot of the group of its members
  /// @param members instance rows
  record Made(int slot, int members, CompiledService service) {}

  /// What a service is made of.
  private record Place(String host, String path, int port) {
    /// No host has a slash, no path a space.
    String id() {
      return "labels " + host + path + " " + port;
    }

    /// Shown where a document's selector is; members are told, not searched.
    LabelSelector shown() {
      return new LabelSelector(
          List.of(
              new Requirement.In(LabelRoute.HOST, Set.of(host)),
              new Requirement.In(LabelRoute.PATH, Set.of(path)),
              new Requirement.In(LabelRoute.PORT, Set.of(Integer.toString(port)))));
    }

    CompiledService service(int slot) {
      Action forward =
          new Action.Forward(
              List.of(new Target(shown(), port, 1)),
              List.of(),
              null,
              HeaderEdits.NONE,
              HeaderEdits.NONE,
              Terms.OF_SERVICE,
              null);
      Match match =
          new Match(new PathMatch.Prefix(path), Set.of(), List.of(), List.of(), List.of(), 0);
      String name = "labels:" + host + path;
      Rule rule = new Rule(port == 0 ? "labels" : "port-" + port, match, forward);
      CompiledRule compiled = CompiledRule.of(name, rule, _ -> slot);
      return new CompiledService(id(), name, List.of(host), List.of(compiled), List.of(), null);
    }
  }

  Edit edit() {
    return new Edit(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final ShardMap.Edit<Named<Made>> services;
    private final ShardMap.Edit<Named<String>> problems;
    private final LabelServices base;
    private final Map<Place, Draft> drafts = new LinkedHashMap<>();

    /// Members of one service that came or changed, and that left.
    private static final class Draft {
      final List<Candidate> come = new ArrayList<>(1);
      final List<InstanceKey> left = new ArrayList<>(0);
      int more;
    }

    private Edit(LabelServices base) {
      this.base = base;
      this.services = base.services.edit();
      this.problems = base.problems.edit();
    }

    /// An instance row was settled.
    ///
    /// @param before null = it is new
    /// @param after null = it is gone
    void settled(Candidate before, Candidate after) {
      LabelRoute was = before == null ? LabelRoute.NONE : LabelRoute.of(before.instance());
      LabelRoute now = after == null ? LabelRoute.NONE : LabelRoute.of(after.instance());
      if (was == LabelRoute.NONE && now == LabelRoute.NONE) {
        return;
      }
      boolean moved = !was.path().equals(now.path()) || was.port() != now.port();
      for (String host : was.hosts()) {
        if (moved || !now.hosts().contains(host)) {
          Draft draft = draft(host, was);
          draft.left.add(before.instance().key());
          draft.more--;
        }
      }
      for (String host : now.hosts()) {
        Draft draft = draft(host, now);
        draft.come.add(after);
        draft.more += moved || !was.hosts().contains(host) ? 1 : 0;
      }
      if (!was.problem().equals(now.problem())) {
        InstanceKey key = (after == null ? before : after).instance().key();
        String name = key.node().value() + "/" + key.instance().value();
        if (now.problem().isEmpty()) {
          problems.remove(problems.find(name));
        } else {
          problems.put(new Named<>(name, now.problem()));
        }
      }
    }

    private Draft draft(String host, LabelRoute route) {
      return drafts.computeIfAbsent(new Place(host, route.path(), route.port()), _ -> new Draft());
    }

    /// Works the members into their groups.
    ///
    /// @param changed told the host of each service that came or went, and the service: before, or
    ///   after, or null
    void settle(TargetGroups.Edit groups, BiConsumer<CompiledService, CompiledService> changed) {
      drafts.forEach((place, draft) -> {
        Named<Made> known = services.find(place.id());
        Made before = known == null ? null : known.value;
        int members = (before == null ? 0 : before.members) + draft.more;
        if (members == 0) {
          services.remove(known);
          groups.remove(before.slot);
          changed.accept(before.service, null);
          return;
        }
        Made next;
        if (before == null) {
          int slot = groups.add(place.shown(), place.port());
          next = new Made(slot, members, place.service(slot));
          changed.accept(null, next.service);
        } else {
          next = new Made(before.slot, members, before.service);
        }
        if (before == null || before.members != members) {
          services.put(new Named<>(place.id(), next));
        }
        GroupDraft group = groups.draft(next.slot);
        draft.come.forEach(group::put);
        draft.left.forEach(group::leave);
      });
    }

    LabelServices freeze() {
      ShardMap<Named<Made>> nextServices = services.freeze();
      ShardMap<Named<String>> nextProblems = problems.freeze();
      return nextServices == base.services && nextProblems == base.problems
          ? base
          : new LabelServices(nextServices, nextProblems);
    }
  }
}
