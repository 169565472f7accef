/// The routing table on disk, so that a proxy starts without any source: two generations of all
/// entities, verified before they are used. Imports `model`, `table` and `java.base`.
package anycast.routing.feed.lastgood;
