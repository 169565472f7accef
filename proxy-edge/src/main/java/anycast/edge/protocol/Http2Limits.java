package anycast.edge.protocol;

import anycast.backhaul.h2.H2Limits;
import java.util.concurrent.TimeUnit;

/// Limits of one public HTTP/2 connection.
///
/// @param h2 what the engine enforces
/// @param idleNanos without an open stream, until the connection is ended in order
/// @param stallNanos without the client taking a byte of what is ready on one of its streams
public record Http2Limits(H2Limits h2, long idleNanos, long stallNanos) {
  /// For clients of the internet: idle as long as HTTP/1 connections; a minute without taking a
  /// byte is a phone that is gone, or an attack on our memory.
  public static Http2Limits publicSide() {
    return new Http2Limits(
        H2Limits.publicSide(), TimeUnit.SECONDS.toNanos(75), TimeUnit.SECONDS.toNanos(60));
  }
}
