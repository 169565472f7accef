/// What every process needs: event loops, configuration files, admin socket, counters. Imports
/// of the data path only `fault`, to count by kind.
package anycast.backhaul.runtime;
