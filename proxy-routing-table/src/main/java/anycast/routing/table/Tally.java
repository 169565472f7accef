package anycast.routing.table;

/// Counts of the next snapshot in the making. The writer's.
final class Tally {
  int apps;
  int services;
  int instances;
  int nodes;
  private final RoutingSnapshot base;

  Tally(RoutingSnapshot base) {
    this.base = base;
    this.apps = base.counts().apps();
    this.services = base.counts().services();
    this.instances = base.counts().instances();
    this.nodes = base.counts().nodes();
  }

  RoutingSnapshot.Counts counts(
      RouteIndex names, CertificateIndex pairs, AppDirectory directory, Fleet fleet) {
    // by what came and went: the process' own are in the maps and count nowhere
    int hostnames = base.counts().hostnames() + names.size() - base.routes.size();
    int certificates = base.counts().certificates() + pairs.size() - base.certificates.size();
    return new RoutingSnapshot.Counts(
        apps,
        services,
        hostnames,
        instances,
        nodes,
        certificates,
        directory.virtuals().size(),
        fleet.regions().size(),
        fleet.standings().health().size(),
        fleet.standings().cordons().size());
  }
}
