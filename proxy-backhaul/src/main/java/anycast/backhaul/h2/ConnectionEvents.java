package anycast.backhaul.h2;

/// What a connection tells its owner, beside what its streams tell their users.
///
/// **Threading.** The connection's event loop.
public interface ConnectionEvents {
  /// The peer's first SETTINGS came: it speaks HTTP/2, and its limits are known.
  void onReady();

  /// The peer takes no new streams. Those of ours above the last id have ended as refused already.
  ///
  /// @param lastStreamId last stream that the peer may have worked on
  /// @param code its reason (RFC 9113 §7); 0 when it drains
  void onGoAway(int lastStreamId, int code);

  /// The connection is of no use any more; comes once, after the end of every stream.
  ///
  /// @param cause what broke it, or null for an orderly end
  void onClosed(Throwable cause);

  /// Answer to [H2Connection#ping].
  void onPong(long nanosRoundTrip);
}
