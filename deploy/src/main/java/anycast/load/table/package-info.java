/// Measures the routing table alone: lookups, picks, updates, bytes a host. Imports the table and
/// JMH; nothing imports it.
package anycast.load.table;
