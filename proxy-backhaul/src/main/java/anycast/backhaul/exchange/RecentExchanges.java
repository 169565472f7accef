package anycast.backhaul.exchange;

import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.LogText;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/// The last exchanges of a process, for the operator who has an id: those that failed or were tried
/// again, and a few of the others. Passes what the next log wants on to it.
///
/// ```
///   loop 1 ─► faulty ▒▒▒▒▒▒▒▒  well ▒▒  refused ▒▒ ─┐
///   loop 2 ─► faulty ▒▒▒▒▒▒▒▒  well ▒▒  refused ▒▒ ─┴─► newest first, by id ─► /explain-last?id=
/// ```
///
/// What was refused before anything was tried costs a stranger nothing, so it has a ring of its
/// own: a scan pushes out other scans only.
///
/// **Threading.** Each ring is written by one event loop, entry by entry; the page reads on any
/// thread and holds up nobody. Entries are immutable. **Limits.** Entries of [LoopRings] a loop;
/// what a client sent is cut in each, so that the whole is about 1 KiB an entry.
public final class RecentExchanges implements ExchangeLog, AdminAnswer {
  /// Failed or tried again; minutes of them unless something is very wrong.
  static final int FAULTY = 4096;

  /// Every so many of those that went well is kept.
  static final int WELL_EVERY = 64;

  private static final int WELL = 1024;
  private static final int REFUSED = 1024;

  /// More than these nobody reads; one id has one or two.
  private static final int MAX_SHOWN = 20;

  /// Status of the first that is no client's fault (RFC 9110 §15.6).
  private static final int FIRST_OURS = 500;

  private final ExchangeLog next;
  private final InstantSource clock;
  private final int loops;
  private final List<LoopRings> all = new CopyOnWriteArrayList<>();
  private final FastThreadLocal<LoopRings> ofLoop =
      new FastThreadLocal<>() {
        @Override
        protected LoopRings initialValue() {
          LoopRings made = new LoopRings(loops);
          all.add(made);
          return made;
        }
      };

  /// What one loop keeps.
  private static final class LoopRings {
    final Ring faulty;
    final Ring well;
    final Ring refused;
    private int wellCount;

    /// Whether the one of which was asked last is to be kept.
    boolean sampled;

    LoopRings(int loops) {
      faulty = new Ring(Math.ceilDiv(FAULTY, loops));
      well = new Ring(Math.ceilDiv(WELL, loops));
      refused = new Ring(Math.ceilDiv(REFUSED, loops));
    }

    boolean sample() {
      sampled = ++wellCount % WELL_EVERY == 0;
      return sampled;
    }
  }

  /// **Threading.** One writer, any readers.
  private static final class Ring {
    private final AtomicReferenceArray<ExchangeView> entries;
    private int at;

    Ring(int size) {
      entries = new AtomicReferenceArray<>(size);
    }

    void publish(ExchangeView entry) {
      entries.set(at, entry);
      at = at + 1 == entries.length() ? 0 : at + 1;
    }

    ExchangeView read(int i) {
      return entries.get(i);
    }

    int size() {
      return entries.length();
    }
  }

  /// What `/explain-last` answers.
  ///
  /// @param id that was asked for; empty = the newest that failed
  /// @param found newest first: an id may have several on a worker
  /// @param kept entries in all
  /// @param faultySinceMs wall clock since when no failed one is missing; null where none was ever
  ///   pushed out
  public record Answer(String id, List<ExchangeView> found, int kept, Long faultySinceMs) {}

  /// @param next takes the records that it wants
  /// @param loops that share the places
  public RecentExchanges(ExchangeLog next, InstantSource clock, int loops) {
    this.next = next;
    this.clock = clock;
    this.loops = Math.max(1, loops);
  }

  @Override
  public boolean wants(boolean faulty) {
    return faulty || ofLoop.get().sample() || next.wants(false);
  }

  @Override
  public boolean wantsRetried() {
    return true;
  }

  @Override
  public void ended(ExchangeRecord entry) {
    boolean faulty = entry.fault() != null;
    boolean retried = entry.tries().size() > 1;
    if (next.wants(faulty) || retried && next.wantsRetried()) {
      next.ended(entry);
    }
    LoopRings mine = ofLoop.get();
    if (faulty || retried || mine.sampled) {
      Ring ring = faulty || retried ? mine.faulty : mine.well;
      ring.publish(ExchangeView.of(entry, clock.millis()));
    }
  }

  /// A request that was refused before anything was tried.
  public void refused(ExchangeRecord entry) {
    ofLoop.get().refused.publish(ExchangeView.of(entry, clock.millis()));
  }

  /// Answers `/explain-last?id=`.
  @Override
  public Object answer(Map<String, String> query) {
    String id = query.getOrDefault("id", "");
    List<ExchangeView> found = new ArrayList<>();
    int kept = 0;
    Long since = null;
    for (LoopRings each : all) {
      boolean any = id.isEmpty();
      kept += collect(each.faulty, one -> any || one.id().equals(id), found);
      kept += collect(each.well, one -> !any && one.id().equals(id), found);
      kept += collect(each.refused, one -> any ? isOurs(one.result()) : one.id().equals(id), found);
      Long oldest = oldest(each.faulty);
      since = since == null || oldest != null && oldest > since ? oldest : since;
    }
    found.sort(Comparator.comparingLong(ExchangeView::atMs).reversed());
    return new Answer(
        LogText.escape(id),
        List.copyOf(found.subList(0, Math.min(found.size(), MAX_SHOWN))),
        kept,
        since);
  }

  /// Whether it failed for a reason that is not the client's: those of scans are not shown unasked.
  private static boolean isOurs(ExchangeView.Result result) {
    return result.status() >= FIRST_OURS;
  }

  /// Adds the entries that are wanted.
  ///
  /// @return how many the ring holds
  private static int collect(Ring ring, Predicate<ExchangeView> wanted, List<ExchangeView> into) {
    int count = 0;
    for (int i = 0; i < ring.size(); i++) {
      ExchangeView entry = ring.read(i);
      if (entry != null) {
        count++;
        if (wanted.test(entry)) {
          into.add(entry);
        }
      }
    }
    return count;
  }

  /// When the oldest of a full ring ended; null where it is not full.
  private static Long oldest(Ring ring) {
    long oldest = Long.MAX_VALUE;
    for (int i = 0; i < ring.size(); i++) {
      ExchangeView entry = ring.read(i);
      if (entry == null) {
        return null;
      }
      oldest = Math.min(oldest, entry.atMs());
    }
    return oldest;
  }
}
