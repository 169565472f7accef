package anycast.routing.table;

import anycast.routing.model.Entity;
import anycast.routing.model.Node;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Locality;
import anycast.routing.virtual.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// Snapshot + delta → snapshot, sharing what did not change.
///
/// Pure: all state is in the snapshots, load cells excepted, which versions of an instance share.
/// So a delta may be applied on trial and thrown away, and any snapshot may be the base again. Rows
/// may come in any order and refer to what has not arrived; the result depends only on the last row
/// of each key. A delta that changes nothing returns the base itself.
///
/// **Threading.** No state: any thread; the table has one writer. **Faults.** None: each decoded
/// entity is acceptable.
public final class SnapshotBuilder {
  private final Locality self;
  private final Function<VirtualService, Origin> origins;
  private final Consumer<Step> steps;

  /// Where nobody asks which entry a rule comes from.
  public SnapshotBuilder(Locality self) {
    this(self, _ -> Origin.UNKNOWN);
  }

  /// @param origins asked once for each virtual service that is compiled; pure
  public SnapshotBuilder(Locality self, Function<VirtualService, Origin> origins) {
    this(self, origins, step -> {});
  }

  /// @param steps told after each step, for tests that stop the writer there
  SnapshotBuilder(Locality self, Function<VirtualService, Origin> origins, Consumer<Step> steps) {
    this.self = self;
    this.origins = origins;
    this.steps = steps;
  }

  /// Where the writer is.
  enum Step {
    CHANGE_TAKEN,
    INSTANCES_SETTLED,
    NODES_SETTLED,
    APPS_SETTLED,
    FROZEN
  }

  public RoutingSnapshot empty() {
    return RoutingSnapshot.EMPTY;
  }

  /// An empty one that has the process' own rows: those count nowhere and are told to nobody.
  ///
  /// @param own what [Reserved] names, complete
  public RoutingSnapshot first(List<? extends Entity> own) {
    List<Change> changes = new ArrayList<>();
    own.forEach(entity -> changes.add(new Change.Put(entity)));
    return apply(empty(), new Delta(changes)).uncounted();
  }

  public RoutingSnapshot apply(RoutingSnapshot base, Delta delta) {
    return apply(base, delta, _ -> {});
  }

  /// The same.
  ///
  /// @param working told of each entity that is put when it is worked on, as far as that can be
  ///   said: of a virtual service several times
  public RoutingSnapshot apply(RoutingSnapshot base, Delta delta, Consumer<Entity> working) {
    Draft draft = new Draft(base, self, origins, delta.changes().size(), working);
    for (Change change : delta.changes()) {
      if (change instanceof Change.Put(Entity entity)) {
        working.accept(entity);
      }
      draft.take(change);
      steps.accept(Step.CHANGE_TAKEN);
    }
    if (!draft.changed()) {
      return base;
    }
    // Instances first: they join and leave nodes and apps, and carry the app's first service.
    draft.settleInstances();
    steps.accept(Step.INSTANCES_SETTLED);
    draft.settleNodes();
    steps.accept(Step.NODES_SETTLED);
    draft.settleApps();
    steps.accept(Step.APPS_SETTLED);
    RoutingSnapshot next = draft.freeze();
    steps.accept(Step.FROZEN);
    return next;
  }

  /// After `world`, to which `delta` led, was published: where this process stands now among the
  /// edges of its region. Looks at all nodes, and only when a row of one changed, which is when
  /// hosts come and go. Not a part of [#apply]: a trial must not move anybody.
  ///
  /// **Threading.** The table's writer.
  public void onPublished(Delta delta, RoutingSnapshot world) {
    if (delta.changes().stream().anyMatch(SnapshotBuilder::isOfNode)) {
      String name = self.node().value();
      int[] before = new int[1];
      int[] others = new int[1];
      world.eachNode(node -> {
        String other = node.id().value();
        if (node.role() == Node.Role.EDGE
            && node.region().equals(self.region())
            && !other.equals(name)) {
          others[0]++;
          before[0] += other.compareTo(name) < 0 ? 1 : 0;
        }
      });
      // One that has not published itself yet, or is no edge, stands where it would stand.
      self.peers().onPeers(before[0], others[0] + 1);
    }
  }

  private static boolean isOfNode(Change change) {
    return switch (change) {
      case Change.Put(Entity entity) -> entity instanceof Node;
      case Change.Remove(Entity.Key key) -> key instanceof Entity.NodeKey;
    };
  }
}
