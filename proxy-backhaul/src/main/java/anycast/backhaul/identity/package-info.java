/// Who is at the other end: the private CA, mTLS identities and their checks. Imports Bouncy Castle
/// and Netty's TLS.
package anycast.backhaul.identity;
