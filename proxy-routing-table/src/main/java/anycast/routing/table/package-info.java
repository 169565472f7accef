/// The routing table: one volatile reference to an immutable snapshot, and the pure builder of the
/// next one. Imports `model` and `pick`.
package anycast.routing.table;
