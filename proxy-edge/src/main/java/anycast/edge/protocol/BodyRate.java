package anycast.edge.protocol;

/// Whether a request body comes fast enough, over spans of fixed length. A span in which we did not
/// want to read says nothing about the client and begins anew.
///
/// **Threading.** One owner.
final class BodyRate {
  private final long spanNanos;
  private final int spanBytes;
  private boolean running;
  private long spanStartNanos;
  private long bytes;

  BodyRate(long spanNanos, int spanBytes) {
    this.spanNanos = spanNanos;
    this.spanBytes = spanBytes;
  }

  void onBytes(int count) {
    bytes += count;
  }

  void pause() {
    running = false;
  }

  /// Goes on, from now where it was paused.
  void run(long nowNanos) {
    if (!running) {
      running = true;
      begin(nowNanos);
    }
  }

  /// End of the current span, or never.
  long deadlineNanos(long never) {
    return running ? spanStartNanos + spanNanos : never;
  }

  /// Whether a span has passed that brought too little; a good one is followed by the next.
  boolean tooSlow(long nowNanos) {
    if (!running || nowNanos - spanStartNanos < spanNanos) {
      return false;
    }
    if (bytes < spanBytes) {
      return true;
    }
    begin(nowNanos);
    return false;
  }

  private void begin(long nowNanos) {
    spanStartNanos = nowNanos;
    bytes = 0;
  }
}
