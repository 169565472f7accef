/// The few calls of libc that Java has no way to: sockets that are inherited, datagrams on AF_UNIX,
/// signals, and processes that keep their parent's descriptors. Imports nothing but the JDK.
package anycast.backhaul.posix;
