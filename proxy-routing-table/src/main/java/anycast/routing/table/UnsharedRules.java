package anycast.routing.table;

import anycast.routing.model.VirtualService;
import anycast.routing.pick.Picker;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/// About how many bytes of virtual services, rules, their indexes and target groups only the older
/// of two versions holds. What both share is not looked at.
///
/// **Threading.** Pure.
final class UnsharedRules {
  /// The entry of a host, and its part of the shard and the page that were copied for it, in maps
  /// of some thousands.
  private static final int HOST_BYTES = 150;

  /// Of a virtual service, beside its document and rules: the row, what it is compiled to, two
  /// entries.
  private static final int SERVICE_BYTES = 400;

  /// A group with its entry under its name, beside the name and the members.
  private static final int GROUP_BYTES = 200;

  private final RuleDirectory newer;
  private final Set<CompiledService> gone = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<HostRules> moved = Collections.newSetFromMap(new IdentityHashMap<>());
  private long bytes;

  private UnsharedRules(RuleDirectory newer) {
    this.newer = newer;
  }

  static long of(AppDirectory older, AppDirectory newer) {
    if (older.virtuals() == newer.virtuals() && older.rules() == newer.rules()) {
      return 0;
    }
    UnsharedRules unshared = new UnsharedRules(newer.rules());
    older.virtuals().differences(newer.virtuals(), unshared::virtual);
    unshared.rules(older.rules());
    return unshared.bytes;
  }

  private void virtual(Named<VirtualService> was, Named<VirtualService> now) {
    if (was != null) {
      bytes += RuleBytes.document(was.value.document());
      bytes += RuleBytes.read(was.value.rules().rules());
    }
  }

  private void rules(RuleDirectory older) {
    older
        .services()
        .differences(
            newer.services(),
            (was, now) -> service(was == null ? null : was.value, now == null ? null : now.value));
    older
        .labelled()
        .services()
        .differences(
            newer.labelled().services(),
            (was, now) ->
                service(
                    was == null ? null : was.value.service(),
                    now == null ? null : now.value.service()));
    older.hosts().differences(newer.hosts(), this::host);
    for (HostRules rules : moved) {
      bytes += isShared(rules) ? 0 : rules.bytes();
    }
    TargetGroups groups = older.groups();
    groups.slots().differences(newer.groups().slots(), this::group);
    groups.names().differences(newer.groups().names(), this::name);
  }

  /// One that labels make goes on while its members change.
  private void service(CompiledService was, CompiledService now) {
    if (was != null && was != now) {
      gone.add(was);
      bytes += SERVICE_BYTES + RuleBytes.compiled(was.rules());
      bytes += was.own() == null ? 0 : was.own().bytes();
    }
  }

  private void host(Named<HostRules> was, Named<HostRules> now) {
    if (was != null) {
      bytes += HOST_BYTES;
      moved.add(was.value);
    }
  }

  /// Whether a host still has these rules in the newer version.
  private boolean isShared(HostRules rules) {
    if (rules.services.stream().anyMatch(gone::contains)) {
      return false;
    }
    for (String host : CompiledService.hostsOfAll(rules.services)) {
      Named<HostRules> entry = newer.hosts().entry(host);
      if (entry != null && entry.value == rules) {
        return true;
      }
    }
    return false;
  }

  private void name(Named<TargetGroups.Use> was, Named<TargetGroups.Use> now) {
    if (was != null) {
      bytes += GROUP_BYTES + was.name.length();
    }
  }

  private void group(TargetGroup was, TargetGroup now) {
    if (was == null) {
      return;
    }
    Set<Picker> pickers = Collections.newSetFromMap(new IdentityHashMap<>());
    pickers.add(was.picker());
    was.onPorts().forEach(each -> pickers.add(each.picker()));
    if (now != null) {
      pickers.remove(now.picker());
      now.onPorts().forEach(each -> pickers.remove(each.picker()));
    }
    for (Picker picker : pickers) {
      bytes += picker.bytes();
    }
  }
}
