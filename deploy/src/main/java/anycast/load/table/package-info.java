/// Measures the routing table alone: lookups, picks, updates, bytes a host.
package anycast.load.table;
