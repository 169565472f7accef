package anycast.edge.protocol;

import java.util.concurrent.TimeUnit;

/// Limits of one HTTP/1 connection.
///
/// @param headNanos from the first byte of a head, or from the start of a connection, to the head's
///   end
/// @param idleNanos between two requests
/// @param bodyWindowNanos length of the span over which a body's rate is measured
/// @param bodyWindowBytes bytes that a span has to bring
/// @param stallNanos without the client taking a byte of what is ready for it
/// @param lingerNanos after our last byte, for the client to take it and close
/// @param windowBytes request bytes that upstream has not taken yet; above it nothing is read
/// @param drainBytes rest of a request body that is read and dropped to save the connection
/// @param requests answers that one connection gives
public record Http1Limits(
    long headNanos,
    long idleNanos,
    long bodyWindowNanos,
    int bodyWindowBytes,
    long stallNanos,
    long lingerNanos,
    int windowBytes,
    int drainBytes,
    int requests) {
  /// For clients of the internet: nginx's and HAProxy's usual times; a body below 240 B/s is an
  /// attack; 64 KiB is what an edge keeps for a replay.
  public static Http1Limits publicSide() {
    return new Http1Limits(
        TimeUnit.SECONDS.toNanos(10),
        TimeUnit.SECONDS.toNanos(75),
        TimeUnit.SECONDS.toNanos(20),
        20 * 240,
        TimeUnit.SECONDS.toNanos(60),
        TimeUnit.SECONDS.toNanos(2),
        64 << 10,
        64 << 10,
        1000);
  }
}
