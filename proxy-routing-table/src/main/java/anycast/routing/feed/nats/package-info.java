/// NATS JetStream as the state engine: a key-value bucket a table, followed as a `StateSource`, and
/// the writers' side. Imports `feed`, Jackson and the official NATS client; nothing imports it but
/// mains and `proxyctl`.
package anycast.routing.feed.nats;
