/// Who is at the other end: the private CA, mTLS identities and their checks. Imports `runtime`
/// (for configuration), the table's `model`, Bouncy Castle and Netty's TLS; nothing of the data
/// path.
package anycast.backhaul.identity;
