/// What every process needs: event loops, configuration files, admin socket, counters. Imports
/// nothing of the data path.
package anycast.backhaul.runtime;
