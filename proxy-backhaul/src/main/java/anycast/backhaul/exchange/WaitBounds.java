package anycast.backhaul.exchange;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// How many exchanges of the process wait for a candidate, in all and of one owner, so that an app
/// whose instances are gone does not take the places of all others.
///
/// **Threading.** Any event loop; atomic adds. **Limits.** Owners are counted by hash: two that
/// share a count share its bound.
final class WaitBounds {
  private static final int COUNTS = 1024;

  private final int most;
  private final int mostOfOwner;
  private final AtomicInteger all = new AtomicInteger();
  private final AtomicIntegerArray byOwner = new AtomicIntegerArray(COUNTS);

  WaitBounds(int most, int mostOfOwner) {
    this.most = most;
    this.mostOfOwner = mostOfOwner;
  }

  /// @return false where there is no place
  boolean enter(String owner) {
    if (all.incrementAndGet() > most) {
      all.decrementAndGet();
      return false;
    }
    if (byOwner.incrementAndGet(place(owner)) > mostOfOwner) {
      leave(owner);
      return false;
    }
    return true;
  }

  void leave(String owner) {
    byOwner.decrementAndGet(place(owner));
    all.decrementAndGet();
  }

  int waiting() {
    return all.get();
  }

  private static int place(String owner) {
    int hash = owner.hashCode();
    return (hash ^ hash >>> 16) & COUNTS - 1;
  }
}
