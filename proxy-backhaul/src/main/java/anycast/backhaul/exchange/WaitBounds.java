package anycast.backhaul.exchange;

import io.netty.util.AsciiString;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// How many exchanges of the process wait for a candidate, in all and for one host, so that one
/// host whose instances are gone does not take the places of all others.
///
/// **Threading.** Any event loop; atomic adds. **Limits.** Hosts are counted by hash: two that
/// share a count share its bound.
final class WaitBounds {
  private static final int COUNTS = 1024;

  private final int most;
  private final int mostOfHost;
  private final AtomicInteger all = new AtomicInteger();
  private final AtomicIntegerArray byHost = new AtomicIntegerArray(COUNTS);

  WaitBounds(int most, int mostOfHost) {
    this.most = most;
    this.mostOfHost = mostOfHost;
  }

  /// @return false where there is no place
  boolean enter(CharSequence host) {
    if (all.incrementAndGet() > most) {
      all.decrementAndGet();
      return false;
    }
    if (byHost.incrementAndGet(place(host)) > mostOfHost) {
      leave(host);
      return false;
    }
    return true;
  }

  void leave(CharSequence host) {
    byHost.decrementAndGet(place(host));
    all.decrementAndGet();
  }

  int waiting() {
    return all.get();
  }

  private static int place(CharSequence host) {
    int hash = AsciiString.hashCode(host);
    return (hash ^ hash >>> 16) & COUNTS - 1;
  }
}
