package anycast.backhaul.h2;

import anycast.routing.time.Ticker;

/// Round trips (RFC 9113 §6.7): the owner's, one at a time, and the one that a drain waits for.
final class Pings {
  private static final long DRAIN = -1;

  private final Outbound out;
  private final Ticker ticker;
  private long count;
  private boolean underWay;
  private boolean draining;
  private long sentNanos;

  Pings(Outbound out, Ticker ticker) {
    this.out = out;
    this.ticker = ticker;
  }

  void send() {
    if (!underWay) {
      underWay = true;
      sentNanos = ticker.nanos();
      out.ping(++count, false);
    }
  }

  void sendForDrain() {
    draining = true;
    out.ping(DRAIN, false);
  }

  /// Whether it is the answer to [#send], which no longer waits then.
  boolean answered(long opaque) {
    boolean ours = underWay && opaque == count;
    underWay &= !ours;
    return ours;
  }

  /// Whether it is the answer to [#sendForDrain].
  boolean answeredForDrain(long opaque) {
    boolean ours = draining && opaque == DRAIN;
    draining &= !ours;
    return ours;
  }

  long nanosSinceSent() {
    return ticker.nanos() - sentNanos;
  }
}
