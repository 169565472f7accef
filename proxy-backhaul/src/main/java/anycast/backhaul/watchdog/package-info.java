/// Whether this process does its work, judged from inside and told to the outside: counters of
/// progress, the flight recorder, dumps, `sd_notify`, the canary. Imports event loops, admin pages
/// and libc; may not import protocols, links and exchanges.
package anycast.backhaul.watchdog;
