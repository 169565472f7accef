/// TLS of public connections: certificates by name, what they vouch for, the handshake.
package anycast.edge.tls;
