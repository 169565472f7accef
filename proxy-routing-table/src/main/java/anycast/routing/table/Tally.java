package anycast.routing.table;

/// Counts of the next snapshot in the making. The writer's.
final class Tally {
  int apps;
  int services;
  int instances;
  int nodes;

  Tally(RoutingSnapshot.Counts base) {
    this.apps = base.apps();
    this.services = base.services();
    this.instances = base.instances();
    this.nodes = base.nodes();
  }

  RoutingSnapshot.Counts counts(
      RouteIndex names, CertificateIndex pairs, AppDirectory directory, Fleet fleet) {
    return new RoutingSnapshot.Counts(
        apps,
        services,
        names.size(),
        instances,
        nodes,
        pairs.size(),
        directory.virtuals().size(),
        fleet.regions().size(),
        fleet.standings().health().size(),
        fleet.standings().cordons().size());
  }
}
