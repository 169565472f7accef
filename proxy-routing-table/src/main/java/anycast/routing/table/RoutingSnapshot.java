package anycast.routing.table;

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
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.Reserved;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.NodePath;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.RequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// All that one request may know, frozen. Shares with the version before it what did not change.
///
/// ```
///   host ──► RouteIndex ──► slot ──► Slots ──► AppRoute ──► ServiceRoute ──► Picker
///   host ──► HostRules ──► RuleIndex ──► CompiledRule ──► slot ──► TargetGroup ──► Picker
///   instance id ──► InstanceRows ──► Candidate       node id ──► NodeRows
/// ```
///
/// **Threading.** Immutable. Lookups neither wait nor allocate.
public final class RoutingSnapshot {
  static final RoutingSnapshot EMPTY =
      new RoutingSnapshot(
          new Edition(0, 0, 0),
          RouteIndex.EMPTY,
          AppDirectory.EMPTY,
          Fleet.EMPTY,
          CertificateIndex.EMPTY,
          new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));

  private static final Destination NO_HOST = new Destination.NoHost();

  final RouteIndex routes;
  final AppDirectory apps;
  final Fleet fleet;
  final RuleDirectory rules;
  final CertificateIndex certificates;
  final Edition edition;
  private final Counts counts;

  RoutingSnapshot(
      Edition edition,
      RouteIndex routes,
      AppDirectory apps,
      Fleet fleet,
      CertificateIndex certificates,
      Counts counts) {
    this.edition = edition;
    this.routes = routes;
    this.apps = apps;
    this.fleet = fleet;
    this.rules = apps.rules();
    this.certificates = certificates;
    this.counts = counts;
  }

  /// Grows by one with each published change.
  public long version() {
    return edition.version();
  }

  /// Changes of rows that led here from the empty snapshot: what two versions do not share grows
  /// with the difference.
  public long changes() {
    return edition.changes();
  }

  /// The app that a host belongs to: the exact name, else the longest wildcard.
  ///
  /// A name that belongs to an app of which neither the row nor a service has arrived answers null:
  /// no shorter wildcard takes its place.
  ///
  /// @param host array that holds the name in lower case, without port
  /// @return null where no app has it
  public AppRoute find(byte[] host, int start, int length) {
    int slot = routes.slot(host, start, length);
    return slot < 0 ? null : existing(apps.slots().at(slot));
  }

  /// Whether rules of virtual services stand before whatever else has the host.
  ///
  /// @param host array that holds the name in lower case, without port
  public boolean ruled(byte[] host, int start, int length) {
    return rules.hosts().size() > 0 && rulesOf(host, start, length) != null;
  }

  /// These rules, most specific first; empty where there are none.
  public List<CompiledRule> rules(byte[] host, int start, int length) {
    Named<HostRules> entry = rulesOf(host, start, length);
    return entry == null ? List.of() : entry.value.rules();
  }

  /// Where a request to a host belongs: the exact host before the longest wildcard, in each a
  /// virtual service's most specific rule before the app that has the name.
  ///
  /// @param host array that holds the name in lower case, without port
  public Destination route(byte[] host, int start, int length, RequestView request) {
    return route(host, start, length, request, RouteTrail.NONE);
  }

  /// The same, told to `trail` as it goes.
  public Destination route(
      byte[] host, int start, int length, RequestView request, RouteTrail trail) {
    Named<HostRules> entry = rules.hosts().size() == 0 ? null : rulesOf(host, start, length);
    Destination ruled = null;
    if (entry != null) {
      trail.matching(entry.value.origin);
      ruled = entry.value.match(request);
    }
    if (ruled != null) {
      return ruled;
    }
    AppRoute app = find(host, start, length);
    if (app != null) {
      return app.destination;
    }
    return entry == null ? NO_HOST : entry.value.none;
  }

  private Named<HostRules> rulesOf(byte[] host, int start, int length) {
    HostMap<Named<HostRules>> hosts = rules.hosts();
    Named<HostRules> exact = hosts.exact(host, start, length);
    if (exact != null) {
      return exact;
    }
    Named<HostRules> star = hosts.wildcard(host, start, length);
    return star != null && routes.coversBetter(host, start, length, star.name.length())
        ? null
        : star;
  }

  /// The target group that a compiled rule of this snapshot names.
  public TargetGroup group(int slot) {
    return rules.groups().slots().at(slot);
  }

  /// What is known of the way to a node; null where the node is unknown.
  public NodePath path(NodeId node) {
    Named<NodeRows> entry = fleet.nodes().find(node.value(), 0);
    return entry == null ? null : entry.value.path();
  }

  /// @return null where neither the app's row nor one of its services is known
  public AppRoute app(AppId app) {
    return existing(apps.find(app));
  }

  /// The instance in any state, with its first service; null where unknown. While it moves, two
  /// nodes have a row of it: a started one is preferred, then the higher generation.
  public Candidate instance(InstanceId instance) {
    return best(fleet.instances().find(instance.value(), 0));
  }

  /// As [#instance(InstanceId)], for an id that is still bytes of a message.
  public Candidate instance(byte[] id, int start, int length) {
    return best(fleet.instances().find(id, start, length));
  }

  /// @return null where unknown
  public Node node(NodeId node) {
    Named<NodeRows> entry = fleet.nodes().find(node.value(), 0);
    return entry == null ? null : entry.value.node();
  }

  /// The certificate for a name: exact, else the wildcard one label up (RFC 9525 §6.3).
  ///
  /// @param host in lower case
  /// @return null where none covers it
  public Certificate certificate(String host) {
    return certificates.find(host);
  }

  public Counts counts() {
    return counts;
  }

  /// In no order.
  public void eachHostname(Consumer<Hostname> each) {
    routes.each(apps.slots(), notOwn(each));
  }

  /// Each row in no order: an instance that moves comes twice.
  public void eachInstance(Consumer<Candidate> each) {
    fleet
        .instances()
        .each(entry -> {
          if (!entry.name.equals(Reserved.INSTANCE.value())) {
            entry.value.rows().forEach(each);
          }
        });
  }

  /// In no order.
  public void eachNode(Consumer<Node> each) {
    fleet
        .nodes()
        .each(entry -> {
          if (entry.value.node() != null && !entry.name.equals(Reserved.NODE.value())) {
            each.accept(entry.value.node());
          }
        });
  }

  /// In no order.
  public void eachVirtualService(Consumer<VirtualService> each) {
    apps.virtuals().each(entry -> each.accept(entry.value));
  }

  /// The host names that have rules, star included, each with its rules, the same object for hosts
  /// of the same virtual services; in no order of hosts.
  public void eachRuleHost(BiConsumer<String, HostRules> each) {
    rules.hosts().exact.each(entry -> each.accept(entry.name, entry.value));
    rules.hosts().wildcards.each(entry -> each.accept("*." + entry.name, entry.value));
  }

  /// The target groups that rules name, in no order.
  public void eachGroup(Consumer<TargetGroup> each) {
    rules.groups().slots().each(each);
  }

  /// Instances whose labels `route.…` are not what they should be, each `node/id: why`; in no
  /// order.
  ///
  /// @return at most `limit`
  public List<String> labelProblems(int limit) {
    List<String> problems = new ArrayList<>();
    rules
        .labelled()
        .problems()
        .each(entry -> {
          if (problems.size() < limit) {
            problems.add(entry.name + ": " + entry.value);
          }
        });
    return problems;
  }

  /// What virtual services came to.
  public RuleCounts ruleCounts() {
    int[] groups = new int[1];
    eachGroup(_ -> groups[0]++);
    return new RuleCounts(
        rules.hosts().size(),
        groups[0],
        rules.labelled().services().size(),
        rules.labelled().problems().size());
  }

  /// @param hosts names that have rules
  /// @param groups distinct selectors and ports that rules name
  /// @param labelServices virtual services that labels alone make
  /// @param labelProblems instances whose labels are not what they should be
  public record RuleCounts(int hosts, int groups, int labelServices, int labelProblems) {}

  /// What the workers' checks found, in no order; also of instances that are not there.
  public void eachHealth(Consumer<InstanceHealth> each) {
    fleet.standings().health().each(entry -> each.accept(entry.value));
  }

  /// What the operator took out of routing, in no order; also instances that are not there.
  public void eachCordon(Consumer<Cordon> each) {
    fleet.standings().cordons().each(entry -> each.accept(entry.value));
  }

  /// What the nodes say about where an app runs, by node; empty where none spoke of it.
  public List<AppRegion> regions(AppId app) {
    return fleet.regions().rows(app);
  }

  /// Every row of state in force once, in no order; the process' own are none. Put into the empty
  /// snapshot, they make one that answers as this one does.
  public void eachEntity(Consumer<Entity> each) {
    apps.slots()
        .each(app -> {
          if (!app.id().equals(Reserved.APP)) {
            if (app.row != null) {
              each.accept(app.row);
            }
            app.services().forEach(route -> each.accept(route.service()));
          }
        });
    eachHostname(each::accept);
    eachInstance(candidate -> each.accept(candidate.instance()));
    eachNode(each::accept);
    certificates.each(notOwn(each));
    eachVirtualService(each::accept);
    fleet.regions().each(each);
    eachHealth(each::accept);
    eachCordon(each::accept);
  }

  /// The row in force under a key, whole.
  ///
  /// @return null where there is none
  public Entity find(Entity.Key key) {
    return switch (key) {
      case AppKey(AppId app) -> {
        AppRoute route = apps.find(app);
        yield route == null ? null : route.row;
      }
      case ServiceKey(AppId app, String service) -> service(apps.find(app), service);
      case HostnameKey(String name) -> routes.row(name, apps.slots());
      case InstanceKey(NodeId node, InstanceId instance) -> {
        Named<InstanceRows> entry = fleet.instances().find(instance.value(), 0);
        Candidate row = entry == null ? null : entry.value.on(node);
        yield row == null ? null : row.instance();
      }
      case NodeKey(NodeId node) -> node(node);
      case CertificateKey(String name) -> certificates.row(name);
      case VirtualServiceKey(String name) -> {
        Named<VirtualService> entry = apps.virtuals().find(name, 0);
        yield entry == null ? null : entry.value;
      }
      case AppRegionKey(AppId app, NodeId node) -> fleet.regions().find(app, node);
      case InstanceHealthKey(NodeId node, InstanceId instance) ->
          fleet.standings().health(node, instance);
      case CordonKey(NodeId node, InstanceId instance) -> fleet.standings().cordon(node, instance);
    };
  }

  private static Service service(AppRoute app, String id) {
    if (app != null) {
      for (ServiceRoute route : app.services()) {
        if (route.service().id().equals(id)) {
          return route.service();
        }
      }
    }
    return null;
  }

  private static <T extends Entity> Consumer<T> notOwn(Consumer<? super T> each) {
    return entity -> {
      if (!Reserved.is(entity.key())) {
        each.accept(entity);
      }
    };
  }

  /// The same as a beginning: nothing came to it yet.
  RoutingSnapshot uncounted() {
    return new RoutingSnapshot(EMPTY.edition, routes, apps, fleet, certificates, EMPTY.counts);
  }

  private static AppRoute existing(AppRoute app) {
    return app == null || !app.exists() ? null : app;
  }

  private static Candidate best(Named<InstanceRows> entry) {
    return entry == null ? null : entry.value.best();
  }

  /// How many rows there are of each kind.
  public record Counts(
      int apps,
      int services,
      int hostnames,
      int instances,
      int nodes,
      int certificates,
      int virtualServices,
      int appRegions,
      int instanceHealth,
      int cordons) {}

  /// Where a snapshot stands among its ancestors.
  ///
  /// @param changes that differed from what was in force, from the empty snapshot on
  /// @param copied members of all apps that were made anew, from the empty snapshot on
  record Edition(long version, long changes, long copied) {
    Edition next(int taken, long members) {
      return new Edition(version + 1, changes + taken, copied + members);
    }
  }
}
