package anycast.routing.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.Node;
import anycast.routing.model.Service;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Poison;
import anycast.routing.model.rule.Rule;
import anycast.routing.poison.Strike;
import anycast.routing.review.SampleRequest;
import anycast.routing.table.AppRoute;
import anycast.routing.table.Change;
import anycast.routing.table.Destination;
import anycast.routing.table.RoutingSnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// The next snapshot answers lookups before it is anybody's truth: those that what changed is made
/// for, and a sample of those that the one before it answers.
///
/// That a lookup ends is for the budget to say; here it must not throw, and a host that was
/// somebody's and that no change names must still be.
///
/// **Threading.** Pure; the compiler's thread.
final class Rehearsal {
  /// Each is a request made up and a lookup, some 20 µs together: 20 ms of an entry's budget.
  static final int MAX_PROBES = 1_024;

  private static final int HTTPS = 443;

  /// Labels that make rules by themselves; any host may be theirs.
  private static final String ROUTE_LABEL = "route.";

  /// What a lookup that is not made for a rule asks for.
  private static final SampleRequest PLAIN =
      new SampleRequest("GET", "any.invalid", HTTPS, "/", Map.of(), Map.of(), Map.of());

  /// A host lost its owner though no change names it.
  static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Lost(String host) {
      super("a request to " + host + ", which nothing of the update names, would find nobody");
    }
  }

  private final RoutingSnapshot base;
  private final RoutingSnapshot next;
  private final Set<AppId> apps = new HashSet<>();
  private final Set<String> hosts = new HashSet<>();
  private boolean anyHost;

  private Rehearsal(RoutingSnapshot base, RoutingSnapshot next) {
    this.base = base;
    this.next = next;
  }

  /// Asks `next` for all that a delta is about.
  ///
  /// @param changes what led from `base` to `next`
  /// @param recorded host names in lower case, without port
  /// @param working told of each entity before lookups are made for it
  /// @throws RuntimeException what a lookup threw, or [Lost]
  static void run(
      RoutingSnapshot base,
      RoutingSnapshot next,
      List<Change> changes,
      List<byte[]> recorded,
      Consumer<Entity> working) {
    Rehearsal rehearsal = new Rehearsal(base, next);
    for (Change change : changes) {
      switch (change) {
        case Change.Put(Entity entity) -> {
          working.accept(entity);
          rehearsal.name(base.find(entity.key()));
          rehearsal.name(entity);
          rehearsal.probe(entity);
        }
        case Change.Remove(Entity.Key key) -> rehearsal.name(base.find(key));
      }
    }
    for (byte[] host : recorded) {
      rehearsal.again(host);
    }
  }

  /// @param entity null = none
  private void name(Entity entity) {
    switch (entity) {
      case null -> {}
      case App app -> apps.add(app.id());
      case Service service -> apps.add(service.app());
      case Hostname hostname -> {
        apps.add(hostname.app());
        hosts.add(hostname.name());
      }
      case VirtualService virtual -> hosts.addAll(virtual.rules().hosts());
      case Instance instance ->
          anyHost |= instance.labels().keySet().stream().anyMatch(l -> l.startsWith(ROUTE_LABEL));
      case Node _, Certificate _, AppRegion _, InstanceHealth _, Cordon _ -> {}
    }
  }

  private void probe(Entity entity) {
    switch (entity) {
      case VirtualService virtual -> probe(virtual);
      case Hostname hostname -> ask(hostname.name());
      case App app -> probe(next.app(app.id()));
      case Service service -> probe(next.app(service.app()));
      case Certificate certificate -> next.certificate(SampleRequest.nameOf(certificate.name()));
      case Instance instance -> next.instance(instance.id());
      case Node _, AppRegion _, InstanceHealth _, Cordon _ -> {}
    }
  }

  private void probe(VirtualService virtual) {
    Strike.at(Poison.At.REHEARSE, virtual.rules());
    int left = MAX_PROBES;
    for (String host : virtual.rules().hosts()) {
      for (Rule rule : virtual.rules().rules()) {
        if (left-- == 0) {
          return;
        }
        Match match = rule.match();
        ask(next, SampleRequest.of(host, match));
      }
    }
  }

  private void probe(AppRoute app) {
    if (app != null) {
      app.services().forEach(route -> route.service().ports().forEach(app::service));
    }
  }

  private void ask(String host) {
    byte[] name = SampleRequest.nameOf(host).getBytes(UTF_8);
    next.route(name, 0, name.length, PLAIN);
  }

  private static void ask(RoutingSnapshot of, SampleRequest request) {
    byte[] host = request.hostBytes();
    of.route(host, 0, host.length, request);
  }

  private void again(byte[] host) {
    Destination is = next.route(host, 0, host.length, PLAIN);
    if (is instanceof Destination.NoHost
        && !(base.route(host, 0, host.length, PLAIN) instanceof Destination.NoHost)
        && !named(host)) {
      throw new Lost(new String(host, UTF_8));
    }
  }

  private boolean named(byte[] host) {
    AppRoute app = base.find(host, 0, host.length);
    String name = new String(host, UTF_8);
    return anyHost || app != null && apps.contains(app.id()) || Hosts.name(hosts, name);
  }
}
