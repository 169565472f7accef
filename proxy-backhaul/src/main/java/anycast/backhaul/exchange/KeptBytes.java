package anycast.backhaul.exchange;

import java.util.concurrent.atomic.AtomicLong;

/// Bytes of request bodies that the exchanges of a process hold beside what is on its way: kept to
/// be sent again, held for a wait, or behind in a copy.
///
/// **Threading.** Any event loop; one compare-and-set. **Limits.** Refuses what does not fit.
final class KeptBytes {
  private final long limitBytes;
  private final AtomicLong held = new AtomicLong();

  KeptBytes(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /// @return false where that many more are not to be held
  boolean take(int bytes) {
    long now = held.get();
    while (now + bytes <= limitBytes) {
      long seen = held.compareAndExchange(now, now + bytes);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  void give(long bytes) {
    held.addAndGet(-bytes);
  }

  long held() {
    return held.get();
  }
}
