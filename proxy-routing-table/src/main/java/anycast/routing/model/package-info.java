/// The world as immutable records: apps, services, instances, nodes, hostnames, certificates.
/// Imports nothing but `java.base`; every other package may import it.
package anycast.routing.model;
