package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.Certificate;
import anycast.routing.model.Hostname;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import java.util.function.Consumer;

/// All that one request may know, frozen. Shares with the version before it what did not change.
///
/// ```
///   host ──► RouteIndex ──► slot ──► AppSlots ──► AppRoute ──► ServiceRoute ──► Picker
///   instance id ──► InstanceRows ──► Candidate       node id ──► NodeRows
/// ```
///
/// **Threading.** Immutable. Lookups neither wait nor allocate.
public final class RoutingSnapshot {
  static final RoutingSnapshot EMPTY =
      new RoutingSnapshot(
          0,
          RouteIndex.EMPTY,
          AppDirectory.EMPTY,
          Fleet.EMPTY,
          CertificateIndex.EMPTY,
          new Counts(0, 0, 0, 0, 0, 0));

  final RouteIndex routes;
  final AppDirectory apps;
  final Fleet fleet;
  final CertificateIndex certificates;
  private final long version;
  private final Counts counts;

  RoutingSnapshot(
      long version,
      RouteIndex routes,
      AppDirectory apps,
      Fleet fleet,
      CertificateIndex certificates,
      Counts counts) {
    this.version = version;
    this.routes = routes;
    this.apps = apps;
    this.fleet = fleet;
    this.certificates = certificates;
    this.counts = counts;
  }

  /// Grows by one with each published change.
  public long version() {
    return version;
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
    routes.each(apps.slots(), each);
  }

  /// Each row in no order: an instance that moves comes twice.
  public void eachInstance(Consumer<Candidate> each) {
    fleet.instances().each(entry -> entry.value.rows().forEach(each));
  }

  /// In no order.
  public void eachNode(Consumer<Node> each) {
    fleet
        .nodes()
        .each(entry -> {
          if (entry.value.node() != null) {
            each.accept(entry.value.node());
          }
        });
  }

  private static AppRoute existing(AppRoute app) {
    return app == null || !app.exists() ? null : app;
  }

  private static Candidate best(Named<InstanceRows> entry) {
    return entry == null ? null : entry.value.best();
  }

  /// How many rows there are of each kind.
  public record Counts(
      int apps, int services, int hostnames, int instances, int nodes, int certificates) {}
}
