/// TLS of public connections: certificates by name, what they vouch for, the handshake. Imports
/// `runtime` and the table's `model` and `time`, no other package of the edge.
package anycast.edge.tls;
