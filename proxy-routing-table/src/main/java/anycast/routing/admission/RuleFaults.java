package anycast.routing.admission;

import anycast.routing.virtual.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

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

  /// Whether there is a case: as a rule there is none, and requests that are served pass by.
  private volatile boolean open;

  private static final class Case {
    final Origin entry;
    final String rule;
    final Throwable first;
    final long sinceNanos;
    final AtomicInteger count = new AtomicInteger();
    volatile boolean tookAllMemory;
    volatile boolean served;

    Case(Origin entry, String rule, Throwable first, long sinceNanos) {
      this.entry = entry;
      this.rule = rule;
      this.first = first;
      this.sinceNanos = sinceNanos;
    }

    void add(Throwable thrown) {
      tookAllMemory |= thrown instanceof OutOfMemoryError;
      count.incrementAndGet();
    }

    boolean isOver(long nowNanos) {
      return nowNanos - sinceNanos > WINDOW_NANOS;
    }
  }

  /// What is to be judged.
  ///
  /// @param rule the first that threw, as operators are shown it
  /// @param first what it threw
  /// @param count requests that failed
  /// @param always whether none was served by its rules meanwhile
  record Accused(ContentHash hash, String rule, Throwable first, int count, boolean always) {}

  /// A rule threw while a request followed it.
  ///
  /// @param entry that the rule comes from
  /// @param rule as operators are shown it
  public void onThrow(Origin entry, String rule, Throwable thrown, long nowNanos) {
    if (entry.equals(Origin.UNKNOWN)) {
      return;
    }
    for (int i = 0; i < MOST; i++) {
      Case known = cases.get(i);
      if (known == null) {
        cases.compareAndSet(i, null, new Case(entry, rule, thrown, nowNanos));
        known = cases.get(i); // of another loop, with this entry perhaps
      }
      if (known != null && known.entry.equals(entry)) {
        known.add(thrown);
        open = true; // last: who closes it looks at all cases afterwards
        return;
      }
    }
  }

  /// A request was planned by a rule of this entry.
  public void onServed(Origin entry) {
    if (!open) {
      return;
    }
    for (int i = 0; i < MOST; i++) {
      Case known = cases.get(i);
      if (known != null && known.entry.equals(entry) && !known.served) {
        known.served = true;
      }
    }
  }

  /// Entries that have failed often enough; each is told once, and so is forgotten what failed
  /// seldom. A new one that took all memory did so to everybody: once is enough. One that is not
  /// new may be the victim.
  ///
  /// @param isNew which ones have not proven themselves
  List<Accused> accused(long nowNanos, Predicate<ContentHash> isNew) {
    if (!open) {
      return List.of();
    }
    open = false;
    List<Accused> accused = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      Case one = cases.get(i);
      if (one == null) {
        continue;
      }
      ContentHash hash = new ContentHash(one.entry.high(), one.entry.low());
      int count = one.count.get();
      if (count >= ENOUGH || one.tookAllMemory && isNew.test(hash)) {
        accused.add(new Accused(hash, one.rule, one.first, count, !one.served));
        cases.set(i, null);
      } else if (one.isOver(nowNanos)) {
        cases.set(i, null);
      } else {
        open = true;
      }
    }
    return accused;
  }
}
