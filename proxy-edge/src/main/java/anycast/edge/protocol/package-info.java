/// HTTP/1 and HTTP/2 of the public side: each turns what a client sends into exchanges. Imports the
/// backhaul's `h1`, `h2`, `head`, `fault`, `exchange` and `runtime`; knows no routing, no TLS and
/// no configuration.
package anycast.edge.protocol;
