/// What every process needs: event loops, configuration files, admin socket, counters, and the
/// pages that show the routing table. Imports of the data path only `fault`, to count by kind.
package anycast.backhaul.runtime;
