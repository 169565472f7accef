package anycast.routing.admission;

import anycast.routing.virtual.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Entries whose rules throw when requests follow them, from event loops to the table's writer: a
/// fault that costs each request its answer, and that no compiler met.
///
/// **Threading.** [#onThrow] is for any event loop: it neither locks nor waits, and writes a word
/// that loops share only when a request has failed anyway. [#accused] is the writer's. **Limits.**
/// [#MOST] entries at a time; of more the first ones are heard.
public final class RuleFaults {
  /// One entry is the rule, two at a time are an accident.
  static final int MOST = 16;

  /// Requests that fail before an entry is accused: one may be the request's own fault.
  static final int ENOUGH = 3;

  /// They count together for so long.
  static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicReferenceArray<Case> cases = new AtomicReferenceArray<>(MOST);

  private record Case(
      Origin entry, String rule, Throwable first, long sinceNanos, AtomicInteger count) {
    boolean isOver(long nowNanos) {
      return nowNanos - sinceNanos > WINDOW_NANOS;
    }
  }

  /// What is to be judged.
  ///
  /// @param rule the first that threw, as operators are shown it
  /// @param first what it threw
  /// @param count requests that failed, as they count
  record Accused(ContentHash hash, String rule, Throwable first, int count) {}

  /// A rule threw while a request followed it. One that took all memory did so to everybody: once
  /// is enough.
  ///
  /// @param entry that the rule comes from
  /// @param rule as operators are shown it
  public void onThrow(Origin entry, String rule, Throwable thrown, long nowNanos) {
    if (entry.equals(Origin.UNKNOWN)) {
      return;
    }
    int weight = thrown instanceof OutOfMemoryError ? ENOUGH : 1;
    for (int i = 0; i < MOST; i++) {
      Case known = cases.get(i);
      if (known == null) {
        Case opened = new Case(entry, rule, thrown, nowNanos, new AtomicInteger(weight));
        if (cases.compareAndSet(i, null, opened)) {
          return;
        }
        known = cases.get(i); // another loop was first, with this entry perhaps
      }
      if (known != null && known.entry.equals(entry)) {
        known.count.addAndGet(weight);
        return;
      }
    }
  }

  /// Entries that have failed often enough; each is told once, and so is forgotten what failed
  /// seldom.
  List<Accused> accused(long nowNanos) {
    List<Accused> accused = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      Case one = cases.get(i);
      if (one == null) {
        continue;
      }
      int count = one.count.get();
      if (count >= ENOUGH) {
        ContentHash hash = new ContentHash(one.entry.high(), one.entry.low());
        accused.add(new Accused(hash, one.rule, one.first, count));
        cases.set(i, null);
      } else if (one.isOver(nowNanos)) {
        cases.set(i, null);
      }
    }
    return accused;
  }
}
