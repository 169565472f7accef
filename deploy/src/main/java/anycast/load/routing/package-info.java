/// Measures rules alone: a match among many on one host, and how soon a changed label is visible.
/// Imports the routing table and JMH; nothing imports it.
package anycast.load.routing;
