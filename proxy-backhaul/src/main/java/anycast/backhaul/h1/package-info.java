/// HTTP/1.1 on the wire: strict parsing of heads and bodies, and writing them, both directions.
/// Imports `head`, `fault` and Netty's buffers; knows no connection and no exchange.
package anycast.backhaul.h1;
