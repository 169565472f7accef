package anycast.routing.table;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Entity.AppKey;
import anycast.routing.model.Entity.AppRegionKey;
import anycast.routing.model.Entity.CertificateKey;
import anycast.routing.model.Entity.CordonKey;
import anycast.routing.model.Entity.HostnameKey;
import anycast.routing.model.Entity.InstanceHealthKey;
import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Entity.NodeKey;
import anycast.routing.model.Entity.ServiceKey;
import anycast.routing.model.Entity.VirtualServiceKey;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Load;
import anycast.routing.pick.Locality;
import anycast.routing.pick.NodePath;
import anycast.routing.virtual.Origin;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/// The next snapshot in the making.
///
/// Taking a change edits the maps of hostnames and certificates at once, and only notes what it
/// means for apps, instances and nodes; these point at each other, so they are settled together at
/// the end: instances, then nodes, then apps.
///
/// **Ownership.** One thread's, for one delta.
final class Draft {
  private final RoutingSnapshot base;
  private final Locality self;
  private final RouteIndex.Edit routes;
  private final CertificateIndex.Edit certificates;
  private final ShardMap.Edit<Named<Integer>> appNames;
  private final Slots.Edit<AppRoute> appSlots;
  private final ShardMap.Edit<Named<InstanceRows>> instances;
  private final ShardMap.Edit<Named<NodeRows>> nodes;
  private final ShardMap.Edit<Named<VirtualService>> virtuals;
  private final RegionIndex.Edit regions;
  private final StandingIndex.Edit standings;
  private final RuleDraft rules;
  private final Map<AppId, AppDraft> appDrafts = new LinkedHashMap<>();
  private final Map<InstanceId, InstanceDraft> instanceDrafts;
  private final Map<NodeId, NodeDraft> nodeDrafts = new LinkedHashMap<>();
  private final Tally tally;

  /// Changes that differed from what was known when they came.
  private int taken;

  /// Members of apps that were made anew.
  private long copied;

  /// @param changes how many will be taken
  /// @param working told of each virtual service when it is worked on
  Draft(
      RoutingSnapshot base,
      Locality self,
      Function<VirtualService, Origin> origins,
      int changes,
      Consumer<Entity> working) {
    this.base = base;
    this.instanceDrafts = LinkedHashMap.newLinkedHashMap(changes);
    this.self = self;
    this.routes = base.routes.edit();
    this.certificates = base.certificates.edit();
    this.appNames = base.apps.names().edit();
    this.appSlots = base.apps.slots().edit();
    this.instances = base.fleet.instances().edit();
    this.nodes = base.fleet.nodes().edit();
    this.virtuals = base.apps.virtuals().edit();
    this.regions = base.fleet.regions().edit();
    this.standings = base.fleet.standings().edit();
    this.rules = new RuleDraft(base.rules, self, origins, working);
    this.tally = new Tally(base);
  }

  void take(Change change) {
    boolean differs =
        switch (change) {
          case Change.Put(Entity entity) -> put(entity);
          case Change.Remove(Entity.Key key) -> remove(key);
        };
    taken += differs ? 1 : 0;
  }

  /// Whether anything taken so far differs from the base.
  boolean changed() {
    return taken > 0;
  }

  private boolean put(Entity entity) {
    return switch (entity) {
      case App app -> putApp(app);
      case Service service -> putService(service);
      case Hostname hostname -> putHostname(hostname);
      case Instance instance -> instance(instance.id()).put(instance);
      case Node node -> putNode(node);
      case Certificate certificate -> certificates.put(certificate);
      case VirtualService virtual -> putVirtual(virtual);
      case AppRegion region -> regions.put(region);
      case InstanceHealth health -> standing(health.instance(), standings.put(health));
      case Cordon cordon -> standing(cordon.instance(), standings.put(cordon));
    };
  }

  private boolean remove(Entity.Key key) {
    return switch (key) {
      case AppKey(AppId app) -> removeApp(app);
      case ServiceKey(AppId app, String service) -> removeService(app, service);
      case HostnameKey(String name) -> removeHostname(name);
      case InstanceKey(NodeId node, InstanceId instance) -> instance(instance).remove(node);
      case NodeKey(NodeId node) -> removeNode(node);
      case CertificateKey(String name) -> certificates.remove(name);
      case VirtualServiceKey(String name) -> removeVirtual(name);
      case AppRegionKey(AppId app, NodeId node) -> regions.remove(app, node);
      case InstanceHealthKey(NodeId node, InstanceId instance) ->
          standing(instance, standings.removeHealth(node, instance));
      case CordonKey(NodeId node, InstanceId instance) ->
          standing(instance, standings.removeCordon(node, instance));
    };
  }

  private boolean standing(InstanceId instance, boolean differs) {
    if (differs) {
      instance(instance);
    }
    return differs;
  }

  private boolean putApp(App app) {
    AppDraft draft = app(app.id());
    if (app.equals(draft.row)) {
      return false;
    }
    tally.apps += draft.row == null ? 1 : 0;
    draft.row = app;
    return true;
  }

  private boolean removeApp(AppId app) {
    AppDraft draft = app(app);
    if (draft.row == null) {
      return false;
    }
    tally.apps--;
    draft.row = null;
    return true;
  }

  private boolean putService(Service service) {
    AppDraft draft = app(service.app());
    Service known = draft.service(service.id());
    if (service.equals(known)) {
      return false;
    }
    tally.services += known == null ? 1 : 0;
    draft.put(service);
    return true;
  }

  private boolean removeService(AppId app, String service) {
    AppDraft draft = app(app);
    if (draft.service(service) == null) {
      return false;
    }
    tally.services--;
    draft.remove(service);
    return true;
  }

  private boolean putHostname(Hostname hostname) {
    byte[] known = routes.find(hostname.name());
    if (known != null) {
      AppId owner = appSlots.at(HostRecord.slot(known)).id();
      if (owner.equals(hostname.app()) && HostRecord.generation(known) == hostname.generation()) {
        return false;
      }
      app(owner).hostnames--;
    }
    AppDraft app = app(hostname.app());
    app.hostnames++;
    routes.put(hostname.name(), app.slot, hostname.generation());
    return true;
  }

  private boolean removeHostname(String name) {
    byte[] known = routes.find(name);
    if (known == null) {
      return false;
    }
    app(appSlots.at(HostRecord.slot(known)).id()).hostnames--;
    routes.remove(name, known);
    return true;
  }

  private boolean putVirtual(VirtualService virtual) {
    Named<VirtualService> known = virtuals.find(virtual.name());
    if (known != null && known.value.equals(virtual)) {
      return false;
    }
    virtuals.put(new Named<>(virtual.name(), virtual));
    rules.put(virtual);
    return true;
  }

  private boolean removeVirtual(String name) {
    Named<VirtualService> known = virtuals.find(name);
    if (known == null) {
      return false;
    }
    virtuals.remove(known);
    rules.remove(name);
    return true;
  }

  private boolean putNode(Node node) {
    NodeDraft draft = node(node.id());
    if (node.equals(draft.node)) {
      return false;
    }
    draft.node = node;
    return true;
  }

  private boolean removeNode(NodeId node) {
    NodeDraft draft = node(node);
    boolean known = draft.node != null;
    draft.node = null;
    return known;
  }

  /// The draft of an app; a slot is taken for an app that nothing spoke of before.
  private AppDraft app(AppId app) {
    AppDraft draft = appDrafts.get(app);
    if (draft == null) {
      Named<Integer> known = appNames.find(app.name());
      if (known == null) {
        int slot = appSlots.add(AppRoute.unknown(app));
        known = new Named<>(app.name(), slot);
        appNames.put(known);
      }
      draft = new AppDraft(appSlots.at(known.value), known.value);
      appDrafts.put(app, draft);
    }
    return draft;
  }

  private InstanceDraft instance(InstanceId id) {
    InstanceDraft draft = instanceDrafts.get(id);
    if (draft == null) {
      Named<InstanceRows> known = instances.find(id.value());
      draft = new InstanceDraft(known == null ? List.of() : known.value.rows());
      instanceDrafts.put(id, draft);
    }
    return draft;
  }

  private NodeDraft node(NodeId id) {
    NodeDraft draft = nodeDrafts.get(id);
    if (draft == null) {
      Named<NodeRows> known = nodes.find(id.value());
      draft = new NodeDraft(known == null ? NodeRows.UNKNOWN : known.value);
      nodeDrafts.put(id, draft);
    }
    return draft;
  }

  /// Makes the candidates of all instances that changed, or whose node or app's services did.
  void settleInstances() {
    for (NodeDraft node : List.copyOf(nodeDrafts.values())) {
      if (!Objects.equals(node.node, node.base.node())) {
        node.base.members().members().forEach(this::instance);
      }
    }
    for (AppDraft app : List.copyOf(appDrafts.values())) {
      if (app.servicesChanged()) {
        app.base.members.members().forEach(key -> instance(key.instance()));
      }
    }
    instances.expect(instanceDrafts.size());
    instanceDrafts.forEach(this::settle);
    // Of a first snapshot these are as many as its rows: they go before pickers are made.
    instanceDrafts.clear();
  }

  private void settle(InstanceId id, InstanceDraft draft) {
    Load load = draft.before.isEmpty() ? new Load() : draft.before.getFirst().load();
    for (Candidate before : draft.before) {
      Instance now = draft.row(before.instance().node());
      if (now == null) {
        node(before.instance().node()).leave(id);
      }
      if (now == null || !now.app().equals(before.instance().app())) {
        app(before.instance().app()).leave(before.instance().key());
      }
    }
    List<Candidate> after = draft.rows(now -> settled(id, draft.before(now.node()), now, load));
    tally.instances += after.size() - draft.before.size();
    rules.settled(draft.before, after);
    if (!after.isEmpty()) {
      instances.put(new Named<>(id.value(), InstanceRows.of(after)));
    } else if (!draft.before.isEmpty()) {
      instances.remove(instances.find(id.value()));
    }
  }

  private Candidate settled(InstanceId id, Candidate before, Instance now, Load load) {
    NodeDraft joined = before == null ? node(now.node()) : null;
    if (joined != null) {
      joined.join(id);
    }
    AppDraft app = app(now.app());
    Node node = joined != null ? joined.node : nodeRow(now.node());
    NodePath path = joined != null ? joined.path : before.path();
    Candidate row =
        new Candidate(
            now, app.firstService(), node, load, path, standings.standing(now.node(), id));
    if (before == null || !before.instance().app().equals(now.app())) {
      app.join(row);
    } else {
      app.renew(row);
    }
    return row;
  }

  private Node nodeRow(NodeId id) {
    NodeDraft draft = nodeDrafts.get(id);
    if (draft != null) {
      return draft.node;
    }
    Named<NodeRows> known = nodes.find(id.value());
    return known == null ? null : known.value.node();
  }

  void settleNodes() {
    nodeDrafts.forEach((id, draft) -> {
      tally.nodes += (draft.node == null ? 0 : 1) - (draft.base.node() == null ? 0 : 1);
      NodeRows next = draft.freeze();
      if (next.node() != null || !next.members().isEmpty()) {
        nodes.put(new Named<>(id.value(), next));
      } else if (draft.base != NodeRows.UNKNOWN) {
        nodes.remove(nodes.find(id.value()));
      }
    });
  }

  /// Makes the services and pickers of all apps that changed or whose instances did.
  void settleApps() {
    appDrafts.forEach((id, draft) -> {
      AppRoute next =
          draft.freeze(self, key -> instances.find(key.instance().value()).value.on(key.node()));
      if (next.isVacant()) {
        appNames.remove(appNames.find(id.name()));
        appSlots.release(draft.slot);
      } else {
        appSlots.set(draft.slot, next);
        copied += next.members.members().size();
      }
    });
  }

  RoutingSnapshot freeze() {
    RouteIndex names = routes.freeze();
    CertificateIndex pairs = certificates.freeze();
    ShardMap<Named<Integer>> slots = appNames.freeze();
    Slots<AppRoute> routed = appSlots.freeze();
    Fleet fleet =
        new Fleet(instances.freeze(), nodes.freeze(), regions.freeze(), standings.freeze());
    RuleDirectory ruled = rules.freeze(new TargetGroups.Settled(slots, routed, fleet.instances()));
    AppDirectory apps = new AppDirectory(slots, routed, virtuals.freeze(), ruled);
    return new RoutingSnapshot(
        base.edition.next(taken, copied),
        names,
        apps,
        fleet,
        pairs,
        tally.counts(names, pairs, apps, fleet));
  }
}
