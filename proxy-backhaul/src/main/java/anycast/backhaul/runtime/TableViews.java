package anycast.backhaul.runtime;

import anycast.routing.feed.BeatAge;
import anycast.routing.model.AppId;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity.CordonKey;
import anycast.routing.model.Entity.InstanceHealthKey;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.Standing;
import anycast.routing.table.AppRoute;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.ServiceRoute;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/// The admin pages that show the routing table: `/routes`, `/instances`, `/nodes`.
///
/// **Threading.** Admin threads; each page reads one snapshot, taken once.
public final class TableViews {
  /// Rows of one page: more than anybody reads, and small enough to send while a fleet of a million
  /// hosts is in trouble. A page that was cut says so.
  public static final int MAX_ROWS = 10_000;

  /// What somebody reads before mending it; the count says how many there are.
  private static final int MAX_PROBLEMS = 20;

  private final RoutingTable table;
  private final Supplier<Map<NodeId, BeatAge>> beats;
  private final Function<Candidate, Local> local;

  /// @param beats each node's last sign of life; asked on admin threads
  public TableViews(RoutingTable table, Supplier<Map<NodeId, BeatAge>> beats) {
    this(table, beats, _ -> Local.NONE);
  }

  /// @param local what this process knows of an instance beside the table; asked on admin threads
  public TableViews(
      RoutingTable table, Supplier<Map<NodeId, BeatAge>> beats, Function<Candidate, Local> local) {
    this.table = table;
    this.beats = beats;
    this.local = local;
  }

  /// What a worker knows of its instance by itself, and at once.
  ///
  /// @param standing null = as the table has it
  /// @param detail why it is not ready; null = as the table has it
  /// @param queued that wait for room; null = unknown here
  /// @param latencyMicros to the response's head, smoothed; null = unknown
  public record Local(Standing standing, String detail, Integer queued, Long latencyMicros) {
    public static final Local NONE = new Local(null, null, null, null);
  }

  /// The pages by path, to serve beside others.
  public Map<String, AdminAnswer> pages() {
    return Map.of(
        "/routes", query -> routes(query.getOrDefault("filter", "")),
        "/instances", query -> instances(query.getOrDefault("app", "")),
        "/nodes", _ -> nodes());
  }

  /// @param total rows that match, also those that were cut off
  /// @param rules of virtual services, by host in the order in which they are tried
  /// @param labels that make no route, whatever the filter
  public record Routes(
      List<Route> routes,
      List<RuleViews.RuleRow> rules,
      LabelProblems labels,
      int total,
      boolean cut) {}

  /// Labels `route.…` that are not what they should be.
  ///
  /// @param instances that have such
  /// @param problems of some of them, `node/id: why`
  public record LabelProblems(int instances, List<String> problems) {}

  /// @param service empty where the app has none
  /// @param instances of the app, in any state
  /// @param started of these, that may take requests
  public record Route(
      String host, String app, String service, List<Integer> ports, int instances, int started) {}

  public record Instances(List<InstanceRow> instances, int total, boolean cut) {}

  /// @param standing whether it gets requests: `ready`, `cordoned`, `failing`, `lagging`
  /// @param detail why it does not, as its worker or the operator said; empty where it does
  /// @param queued that wait for room there; null where this process does not know
  public record InstanceRow(
      String id,
      String app,
      String node,
      String region,
      String address,
      int port,
      String state,
      String standing,
      String detail,
      int inFlight,
      Integer queued,
      @JsonProperty("latency_us") Long latencyMicros,
      long generation) {}

  public record Nodes(List<NodeRow> nodes, int total, boolean cut) {}

  /// @param beatAgeMs null where no sign of life was seen
  public record NodeRow(
      String id, String role, String region, String backhaul, long generation, Long beatAgeMs) {}

  /// @param version of the snapshot, and how many there are of each kind
  public record TableCounts(
      long version,
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

  /// Hosts with the services behind them, where host, app or service contains `filter`.
  public Routes routes(String filter) {
    RoutingSnapshot now = table.current();
    Map<AppId, int[]> running = countInstances(now);
    String part = filter.toLowerCase(Locale.ROOT);
    Rows<Route> rows = new Rows<>();
    now.eachHostname(host -> {
      AppRoute app = now.app(host.app());
      List<ServiceRoute> services = app == null ? List.of() : app.services();
      int[] counts = running.getOrDefault(host.app(), new int[2]);
      if (services.isEmpty()) {
        addIf(
            part,
            rows,
            new Route(host.name(), host.app().toString(), "", List.of(), counts[0], counts[1]));
      }
      for (ServiceRoute service : services) {
        addIf(part, rows, route(host, service, counts));
      }
    });
    List<RuleViews.RuleRow> rules = new ArrayList<>();
    int left = MAX_ROWS - rows.shown.size();
    int ofRules = RuleViews.collect(now, part, left, rules);
    return new Routes(
        rows.by(Comparator.comparing(Route::host).thenComparing(Route::service)),
        rules,
        labelProblems(),
        rows.total + ofRules,
        rows.cut() || ofRules > rules.size());
  }

  /// Instances of an app; of all apps where `app` is empty.
  public Instances instances(String app) {
    Rows<InstanceRow> rows = new Rows<>();
    RoutingSnapshot now = table.current();
    now.eachInstance(candidate -> {
      if (app.isEmpty() || candidate.instance().app().toString().equals(app)) {
        rows.add(row(now, candidate));
      }
    });
    return new Instances(
        rows.by(
            Comparator.comparing(InstanceRow::app)
                .thenComparing(InstanceRow::id)
                .thenComparing(InstanceRow::node)),
        rows.total,
        rows.cut());
  }

  public Nodes nodes() {
    Map<NodeId, BeatAge> ages = beats.get();
    Rows<NodeRow> rows = new Rows<>();
    table.current().eachNode(node -> rows.add(row(node, Optional.ofNullable(ages.get(node.id())))));
    return new Nodes(rows.by(Comparator.comparing(NodeRow::id)), rows.total, rows.cut());
  }

  /// What is wrong with labels.
  public LabelProblems labelProblems() {
    RoutingSnapshot now = table.current();
    return new LabelProblems(
        now.ruleCounts().labelProblems(),
        now.labelProblems(MAX_PROBLEMS).stream().sorted().toList());
  }

  /// What `/status` says of the table.
  public TableCounts counts() {
    RoutingSnapshot now = table.current();
    RoutingSnapshot.Counts counts = now.counts();
    return new TableCounts(
        now.version(),
        counts.apps(),
        counts.services(),
        counts.hostnames(),
        counts.instances(),
        counts.nodes(),
        counts.certificates(),
        counts.virtualServices(),
        counts.appRegions(),
        counts.instanceHealth(),
        counts.cordons());
  }

  private static Map<AppId, int[]> countInstances(RoutingSnapshot now) {
    Map<AppId, int[]> running = new HashMap<>();
    now.eachInstance(candidate -> {
      int[] counts = running.computeIfAbsent(candidate.instance().app(), _ -> new int[2]);
      counts[0]++;
      if (candidate.instance().state() == Instance.State.STARTED) {
        counts[1]++;
      }
    });
    return running;
  }

  private static Route route(Hostname host, ServiceRoute service, int[] counts) {
    return new Route(
        host.name(),
        host.app().toString(),
        service.service().id(),
        service.service().ports(),
        counts[0],
        counts[1]);
  }

  private static void addIf(String part, Rows<Route> rows, Route route) {
    if (route.host().contains(part)
        || route.app().toLowerCase(Locale.ROOT).contains(part)
        || route.service().toLowerCase(Locale.ROOT).contains(part)) {
      rows.add(route);
    }
  }

  private InstanceRow row(RoutingSnapshot now, Candidate candidate) {
    Instance instance = candidate.instance();
    Local known = local.apply(candidate);
    boolean ours = known.standing() != null && candidate.standing() != Standing.CORDONED;
    Standing standing = ours ? known.standing() : candidate.standing();
    boolean inherits = instance.port() == 0 && candidate.service() != null;
    return new InstanceRow(
        instance.id().toString(),
        instance.app().toString(),
        instance.node().toString(),
        instance.region().toString(),
        instance.address(),
        inherits ? candidate.service().internalPort() : instance.port(),
        instance.state().name().toLowerCase(Locale.ROOT),
        standing.name().toLowerCase(Locale.ROOT),
        ours && known.detail() != null ? known.detail() : detail(now, candidate),
        candidate.load().inFlight(),
        known.queued(),
        known.latencyMicros(),
        instance.generation());
  }

  /// What was written of it.
  private static String detail(RoutingSnapshot now, Candidate candidate) {
    NodeId node = candidate.instance().node();
    InstanceId id = candidate.instance().id();
    return switch (candidate.standing()) {
      case READY -> "";
      case CORDONED ->
          now.find(new CordonKey(node, id)) instanceof Cordon cordon ? cordon.reason() : "";
      case FAILING, LAGGING ->
          now.find(new InstanceHealthKey(node, id)) instanceof InstanceHealth health
              ? health.detail()
              : "";
    };
  }

  private static NodeRow row(Node node, Optional<BeatAge> beat) {
    return new NodeRow(
        node.id().toString(),
        node.role().name().toLowerCase(Locale.ROOT),
        node.region().toString(),
        node.backhaul(),
        node.generation(),
        beat.map(age -> TimeUnit.NANOSECONDS.toMillis(age.ageNanos())).orElse(null));
  }

  /// Rows up to the limit, and how many there were.
  private static final class Rows<T> {
    private final List<T> shown = new ArrayList<>();
    private int total;

    void add(T row) {
      total++;
      if (shown.size() < MAX_ROWS) {
        shown.add(row);
      }
    }

    /// Those shown, in an order that people find things in; of a page that was cut, only these.
    List<T> by(Comparator<T> order) {
      shown.sort(order);
      return shown;
    }

    boolean cut() {
      return total > shown.size();
    }
  }
}
