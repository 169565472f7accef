package anycast.backhaul.h2;

import io.netty.util.internal.PlatformDependent;

/// Limits of one connection; the numbers' reasons stand with the two presets.
///
/// @param maxStreams streams that the peer may have open
/// @param streamWindowBytes receive window of a stream
/// @param connectionWindowBytes receive window of the connection
/// @param maxFrameBytes largest DATA payload taken
/// @param maxHeaderListBytes size of a head as RFC 9113 §6.5.2 counts
/// @param maxContinuations CONTINUATION frames of one head; one more is an attack
/// @param maxResetsPerWindow resets by the peer in `resetWindowNanos`; one more is Rapid Reset
/// @param maxGlitches cheap frames without use (PRIORITY, empty DATA, PING, SETTINGS and the like)
///   per `resetWindowNanos`
/// @param shared whether streams belong to many who know nothing of each other: then one who takes
///   nothing must not keep the connection's window from the others
/// @param extendedConnect whether the server role offers extended CONNECT (RFC 8441)
public record H2Limits(
    int maxStreams,
    int streamWindowBytes,
    int connectionWindowBytes,
    int maxFrameBytes,
    int maxHeaderListBytes,
    int maxContinuations,
    int maxResetsPerWindow,
    int maxGlitches,
    long resetWindowNanos,
    boolean extendedConnect,
    boolean shared) {
  private static final long THIRTY_SECONDS_NANOS = 30_000_000_000L;

  /// For clients of the internet: 100 streams (RFC 9113 §6.5.2 asks for no fewer) and 200 resets in
  /// 30 s, the numbers that servers settled on after CVE-2023-44487; 256 KiB of unread upload a
  /// stream and 1 MiB a connection.
  public static H2Limits publicSide() {
    return new H2Limits(
        100,
        256 << 10,
        1 << 20,
        16_384,
        32 << 10,
        16,
        200,
        1000,
        THIRTY_SECONDS_NANOS,
        false,
        false);
  }

  /// A connection's window is what its streams can make this process hold, and there are some of
  /// them: none gets more than a sixteenth of the memory that buffers may have.
  public static int connectionWindow(int wantedBytes) {
    return (int) Math.min(wantedBytes, PlatformDependent.maxDirectMemory() / 16);
  }

  /// For links: a first window of 64 KiB is what an edge keeps for replay; the connection's window
  /// holds 256 such streams, so that a stalled one does not stall its neighbours.
  public static H2Limits link() {
    return new H2Limits(
        10_000,
        64 << 10,
        connectionWindow(16 << 20),
        65_536,
        64 << 10,
        32,
        100_000,
        1_000_000,
        THIRTY_SECONDS_NANOS,
        true,
        true);
  }
}
