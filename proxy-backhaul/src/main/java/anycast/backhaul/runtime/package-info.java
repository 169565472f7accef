/// What every process needs: event loops, configuration files, admin socket, counters, logging, and
/// the pages that show the routing table. Imports the table's packages, and of the data path only
/// `fault`, to count by kind.
package anycast.backhaul.runtime;
