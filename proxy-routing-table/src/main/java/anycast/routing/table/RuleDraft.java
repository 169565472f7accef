package anycast.routing.table;

import anycast.routing.model.Entity;
import anycast.routing.model.Reserved;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Target;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Locality;
import anycast.routing.virtual.Origin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/// The next version of all rules and target groups in the making. The writer's.
///
/// A changed virtual service is compiled alone, then its hosts get the rules of what is compiled:
/// one object for all hosts that have the same services. A changed instance touches the groups that
/// it is or was in.
final class RuleDraft {
  private final RuleDirectory base;
  private final Function<VirtualService, Origin> origins;
  private final TargetGroups.Edit groups;
  private final LabelServices.Edit labelled;
  private final Consumer<Entity> working;

  /// By name; null = it is gone.
  private final Map<String, VirtualService> virtuals = new LinkedHashMap<>();

  /// By host, then by the service's id; null = the host is not its any more.
  private final Map<String, Map<String, CompiledService>> hosts = new LinkedHashMap<>();

  RuleDraft(
      RuleDirectory base,
      Locality self,
      Function<VirtualService, Origin> origins,
      Consumer<Entity> working) {
    this.base = base;
    this.origins = origins;
    this.groups = base.groups().edit(self);
    this.labelled = base.labelled().edit();
    this.working = working;
  }

  void put(VirtualService virtual) {
    virtuals.put(virtual.name(), virtual);
  }

  void remove(String virtual) {
    virtuals.put(virtual, null);
  }

  /// Of one instance id, all rows.
  ///
  /// @param before by node
  /// @param after by node
  void settled(List<Candidate> before, List<Candidate> after) {
    if (isOwn(before) || isOwn(after)) {
      return;
    }
    for (Candidate was : before) {
      Candidate now = InstanceRows.on(after, was.instance().node());
      groups.settled(was, now);
      labelled.settled(was, now);
    }
    for (Candidate now : after) {
      if (InstanceRows.on(before, now.instance().node()) == null) {
        groups.settled(null, now);
        labelled.settled(null, now);
      }
    }
  }

  /// No tenant's selector takes the process' own instance, whatever it says.
  private static boolean isOwn(List<Candidate> rows) {
    return !rows.isEmpty() && rows.getFirst().instance().id().equals(Reserved.INSTANCE);
  }

  RuleDirectory freeze(TargetGroups.Settled world) {
    ShardMap.Edit<Named<CompiledService>> services = base.services().edit();
    List<Target> released = new ArrayList<>();
    virtuals.forEach((name, virtual) -> {
      Named<CompiledService> before = services.find(name);
      CompiledService was = before == null ? null : before.value;
      CompiledService now = virtual == null ? null : compiled(virtual);
      if (now != null) {
        services.put(new Named<>(name, now));
      } else if (before != null) {
        services.remove(before);
      }
      if (was != null) {
        released.addAll(was.targets());
      }
      changed(was, now);
    });
    labelled.settle(groups, this::changed);
    // Last, so that a group which one version gives up and the next one names stays what it is.
    released.forEach(groups::release);
    HostMap<Named<HostRules>> nextHosts = freezeHosts();
    TargetGroups nextGroups = groups.freeze(world);
    LabelServices nextLabelled = labelled.freeze();
    ShardMap<Named<CompiledService>> nextServices = services.freeze();
    return nextHosts == base.hosts()
            && nextGroups == base.groups()
            && nextLabelled == base.labelled()
            && nextServices == base.services()
        ? base
        : new RuleDirectory(nextServices, nextHosts, nextGroups, nextLabelled);
  }

  private CompiledService compiled(VirtualService virtual) {
    working.accept(virtual);
    return CompiledService.of(virtual, origins.apply(virtual), groups::acquire);
  }

  private void changed(CompiledService was, CompiledService now) {
    if (was != null) {
      was.hosts().forEach(host -> onHost(host).put(was.id(), null));
    }
    if (now != null) {
      now.hosts().forEach(host -> onHost(host).put(now.id(), now));
    }
  }

  private Map<String, CompiledService> onHost(String host) {
    return hosts.computeIfAbsent(host, _ -> new LinkedHashMap<>());
  }

  private void working(CompiledService service) {
    VirtualService virtual = service == null ? null : virtuals.get(service.name());
    if (virtual != null) {
      working.accept(virtual);
    }
  }

  private HostMap<Named<HostRules>> freezeHosts() {
    HostMap.Edit<Named<HostRules>> edit = base.hosts().edit();
    Map<List<CompiledService>, HostRules> bySet = new HashMap<>();
    hosts.forEach((host, changes) -> {
      Named<HostRules> before = edit.find(host);
      List<CompiledService> services = services(before, changes);
      if (!services.isEmpty()) {
        HostRules rules = bySet.computeIfAbsent(services, set -> rules(set, changes.values()));
        String bare = HostMap.isWildcard(host) ? host.substring(2) : host;
        edit.put(host, new Named<>(bare, rules));
      } else if (before != null) {
        edit.remove(host, before);
      }
    });
    return edit.freeze();
  }

  /// By id.
  private static List<CompiledService> services(
      Named<HostRules> before, Map<String, CompiledService> changes) {
    TreeMap<String, CompiledService> services = new TreeMap<>();
    if (before != null) {
      before.value.services.forEach(each -> services.put(each.id(), each));
    }
    services.putAll(changes);
    services.values().removeIf(Objects::isNull);
    return List.copyOf(services.values());
  }

  /// @param changes what led to these services; where all of them went, others may have been left
  ///   with the same before
  private HostRules rules(List<CompiledService> services, Collection<CompiledService> changes) {
    HostRules known = changes.stream().allMatch(Objects::isNull) ? known(services) : null;
    if (known != null) {
      return known;
    }
    changes.forEach(this::working);
    return new HostRules(services);
  }

  /// What hosts with these very services have already.
  private HostRules known(List<CompiledService> services) {
    for (String host : CompiledService.hostsOfAll(services)) {
      Named<HostRules> entry = base.hosts().entry(host);
      if (entry != null && entry.value.services.equals(services)) {
        return entry.value;
      }
    }
    return null;
  }
}
