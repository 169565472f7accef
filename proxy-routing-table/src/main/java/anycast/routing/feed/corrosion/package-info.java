/// Corrosion's HTTP API from the consumer's side: subscriptions as a `StateSource`, and
/// transactions for publishers. Imports `feed`, Jackson and the JDK's HTTP client; nothing imports
/// it but mains.
package anycast.routing.feed.corrosion;
