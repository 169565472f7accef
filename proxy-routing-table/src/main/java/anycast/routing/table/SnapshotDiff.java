package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.pick.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/// What differs between two snapshots, row by row.
///
/// What both share is skipped unread, shard by shard, so two near versions of a million rows
/// compare in the time that their differences take. Snapshots of different ancestry compare too,
/// only slower.
///
/// **Threading.** Pure. **Limits.** None: who must not see millions takes [#each] and counts.
public final class SnapshotDiff {
  /// One row that came (`before` is null), went (`after` is null) or changed.
  public record Difference(Entity before, Entity after) {
    public Difference {
      if (before == null && after == null || before != null && before.equals(after)) {
        throw new IllegalArgumentException("no difference: " + before);
      }
    }

    public Entity.Key key() {
      return (after == null ? before : after).key();
    }
  }

  private final Consumer<? super Difference> each;

  private SnapshotDiff(Consumer<? super Difference> each) {
    this.each = each;
  }

  /// All differences, in no order.
  public static List<Difference> of(RoutingSnapshot before, RoutingSnapshot after) {
    List<Difference> all = new ArrayList<>();
    each(before, after, all::add);
    return all;
  }

  /// Tells each difference once, in no order.
  public static void each(
      RoutingSnapshot before, RoutingSnapshot after, Consumer<? super Difference> each) {
    if (before == after) {
      return;
    }
    SnapshotDiff diff = new SnapshotDiff(each);
    diff.apps(before.apps.slots(), after.apps.slots());
    diff.hostnames(before, after);
    before.certificates.exact.differences(
        after.certificates.exact, (was, now) -> diff.tell(pem(was), pem(now)));
    before.certificates.wildcards.differences(
        after.certificates.wildcards, (was, now) -> diff.tell(pem(was), pem(now)));
    before
        .apps
        .virtuals()
        .differences(
            after.apps.virtuals(),
            (was, now) ->
                diff.tell(was == null ? null : was.value, now == null ? null : now.value));
    before.fleet.instances().differences(after.fleet.instances(), diff::instances);
    before.fleet.nodes().differences(after.fleet.nodes(), diff::nodes);
    diff.standings(before.fleet.standings(), after.fleet.standings());
    before.fleet.regions().apps.differences(after.fleet.regions().apps, diff::regions);
  }

  private void tell(Entity was, Entity now) {
    if (was == null ? now != null : !was.equals(now)) {
      each.accept(new Difference(was, now));
    }
  }

  /// Slots are used again, so apps of slots that differ are matched by name.
  private void apps(Slots<AppRoute> before, Slots<AppRoute> after) {
    Map<AppId, AppRoute> gone = new HashMap<>();
    List<AppRoute> come = new ArrayList<>();
    before.differences(
        after,
        (was, now) -> {
          if (was != null) {
            gone.put(was.id(), was);
          }
          if (now != null) {
            come.add(now);
          }
        });
    for (AppRoute now : come) {
      app(gone.remove(now.id()), now);
    }
    gone.values().forEach(was -> app(was, null));
  }

  private void app(AppRoute was, AppRoute now) {
    tell(was == null ? null : was.row, now == null ? null : now.row);
    rows(
        was == null ? List.of() : was.services(),
        now == null ? List.of() : now.services(),
        ServiceRoute::service);
  }

  private void hostnames(RoutingSnapshot before, RoutingSnapshot after) {
    before.routes.names.exact.differences(after.routes.names.exact, hostname("", before, after));
    before.routes.names.wildcards.differences(
        after.routes.names.wildcards, hostname("*.", before, after));
  }

  private BiConsumer<byte[], byte[]> hostname(
      String prefix, RoutingSnapshot before, RoutingSnapshot after) {
    return (was, now) -> tell(hostname(prefix, was, before), hostname(prefix, now, after));
  }

  private static Hostname hostname(String prefix, byte[] host, RoutingSnapshot in) {
    return host == null ? null : RouteIndex.hostname(prefix, host, in.apps.slots());
  }

  private static Certificate pem(Named<Certificate> entry) {
    return entry == null ? null : entry.value;
  }

  private void instances(Named<InstanceRows> was, Named<InstanceRows> now) {
    rows(
        was == null ? List.of() : was.value.rows(),
        now == null ? List.of() : now.value.rows(),
        Candidate::instance);
  }

  private void nodes(Named<NodeRows> was, Named<NodeRows> now) {
    tell(was == null ? null : was.value.node(), now == null ? null : now.value.node());
  }

  private void standings(StandingIndex before, StandingIndex after) {
    before
        .health()
        .differences(
            after.health(),
            (was, now) -> tell(was == null ? null : was.value, now == null ? null : now.value));
    before
        .cordons()
        .differences(
            after.cordons(),
            (was, now) -> tell(was == null ? null : was.value, now == null ? null : now.value));
  }

  private void regions(Named<List<AppRegion>> was, Named<List<AppRegion>> now) {
    rows(was == null ? List.of() : was.value, now == null ? List.of() : now.value, row -> row);
  }

  private <T> void rows(List<T> before, List<T> after, Function<T, Entity> entity) {
    Map<Entity.Key, Entity> gone = new HashMap<>();
    before.forEach(was -> gone.put(entity.apply(was).key(), entity.apply(was)));
    for (T row : after) {
      Entity now = entity.apply(row);
      tell(gone.remove(now.key()), now);
    }
    gone.values().forEach(was -> tell(was, null));
  }
}
