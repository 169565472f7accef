package anycast.routing.admission;

import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings changes through compiler and rehearsal, all that can pass, in their order. A few plain
/// ones are compiled by the writer itself.
///
/// ```
///  all together ─► passed
///       │ failed
///       ▼
///  what it was at when it failed, alone ─► guilty: the others together, again
///       │ passed, or it was at nothing
///       ▼
///  each risky one alone ─► guilty: out; the others together
///       │ failed all the same
///       ▼
///  halves
/// ```
///
/// A hang costs a thread; so a guilty one among some thousands costs two, and not as many as it
/// takes to halve its way to it.
///
/// **Threading.** The table's writer. **Limits.** What an attempt may take: [#budget].
final class Passage {
  private static final Logger LOG = LoggerFactory.getLogger(Passage.class);

  /// Risky entries which are tried one by one, at some 100 µs each. More of them are halved first.
  private static final int MOST_ALONE = 4_096;

  /// Plain changes that the writer compiles itself, in 1 ms. Of more the hand-over is a twentieth,
  /// and a watchdog wants signs of life meanwhile.
  private static final int MOST_HERE = 256;

  /// Guilty ones of a delta that are found by what the compiler was at, each by another attempt
  /// with all others.
  private static final int MOST_CAUGHT = 8;

  /// Beyond, a delta of many entries that each stay within their budget is late, not guilty.
  private static final Duration MOST_RISKY = Duration.ofSeconds(5);

  /// A row of a first snapshot of a million takes 4 µs, in a process that is not warm 10.
  private static final long ROW_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

  /// What becomes of changes.
  interface Ends {
    /// They are in `next`, which is to be put in force before the next call.
    void passed(RoutingSnapshot next, List<Item> items);

    void harmed(Item item, Stage stage, Outcome<RoutingSnapshot> how);

    /// No compiler is left that may be risked.
    void postponed(Item item);
  }

  private final RoutingTable table;
  private final SnapshotBuilder builder;
  private final CompilerThread compiler;
  private final RecordedHosts recorded;
  private final Duration entryBudget;
  private final Runnable waiting;

  /// @param waiting called while the compiler is waited for
  Passage(Admission.World world, CompilerThread compiler, Duration entryBudget, Runnable waiting) {
    this.table = world.table();
    this.builder = world.builder();
    this.compiler = compiler;
    this.recorded = new RecordedHosts(world.ticker());
    this.entryBudget = entryBudget;
    this.waiting = waiting;
  }

  void bring(List<Item> items, Ends ends) {
    RoutingSnapshot next = here(items);
    if (next != null) {
      ends.passed(next, items);
    } else {
      bring(items, ends, 0);
    }
  }

  /// Plain changes reach no tenant's text, so nothing of them can hang: a hand-over of 25 µs buys
  /// nothing, and instances come and go when no compiler is left.
  ///
  /// @return null = the compiler is to be asked
  private RoutingSnapshot here(List<Item> items) {
    if (items.size() > MOST_HERE) {
      return null;
    }
    List<Change> changes = new ArrayList<>(items.size());
    for (Item item : items) {
      if (!item.isPlain()) {
        return null;
      }
      changes.add(item.change());
    }
    try {
      return builder.apply(table.current(), new Delta(changes));
    } catch (RuntimeException e) {
      LOG.error("a bug in putting {} plain changes in force", items.size(), e);
      return null;
    }
  }

  /// @param caught guilty ones found so far; [#MOST_CAUGHT] + 1 = each was tried alone
  private void bring(List<Item> items, Ends ends, int caught) {
    if (items.isEmpty()) {
      return;
    }
    Attempt attempt = attempt(items);
    Outcome<RoutingSnapshot> outcome = run(attempt, items);
    switch (outcome) {
      case Outcome.Done<RoutingSnapshot>(RoutingSnapshot next) -> ends.passed(next, items);
      case Outcome.NotTried<RoutingSnapshot> _ -> items.forEach(ends::postponed);
      case Outcome.Failed<RoutingSnapshot> _,
          Outcome.OverBudget<RoutingSnapshot> _,
          Outcome.OutOfMemory<RoutingSnapshot> _ -> {
        if (items.size() == 1) {
          ends.harmed(items.getFirst(), attempt.stage(), outcome);
        } else {
          divide(items, attempt.at(), ends, caught);
        }
      }
    }
  }

  private void divide(List<Item> items, Entity at, Ends ends, int caught) {
    Item suspect =
        caught >= MOST_CAUGHT
            ? null
            : items.stream().filter(item -> item.isPut(at)).findFirst().orElse(null);
    if (suspect != null && !passesAlone(suspect, ends)) {
      bring(items.stream().filter(item -> item != suspect).toList(), ends, caught + 1);
      return;
    }
    long risky = items.stream().filter(Item::risky).count();
    if (caught <= MOST_CAUGHT && risky > 0 && risky <= MOST_ALONE) {
      List<Item> innocent = new ArrayList<>();
      for (Item item : items) {
        if (!item.risky() || passesAlone(item, ends)) {
          innocent.add(item);
        }
      }
      bring(innocent, ends, MOST_CAUGHT + 1);
      return;
    }
    int half = items.size() / 2;
    bring(items.subList(0, half), ends, caught);
    bring(items.subList(half, items.size()), ends, caught);
  }

  /// Tries one, for nothing but to see; where it does not pass, that is told.
  private boolean passesAlone(Item item, Ends ends) {
    if (item.risky() && compiler.exhausted()) {
      ends.postponed(item);
      return false;
    }
    Attempt attempt = attempt(List.of(item));
    Outcome<RoutingSnapshot> outcome = run(attempt, List.of(item));
    return switch (outcome) {
      case Outcome.Done<RoutingSnapshot> _ -> true;
      case Outcome.NotTried<RoutingSnapshot> _ -> {
        ends.postponed(item);
        yield false;
      }
      case Outcome.Failed<RoutingSnapshot> _,
          Outcome.OverBudget<RoutingSnapshot> _,
          Outcome.OutOfMemory<RoutingSnapshot> _ -> {
        ends.harmed(item, attempt.stage(), outcome);
        yield false;
      }
    };
  }

  private Attempt attempt(List<Item> items) {
    return new Attempt(builder, compiler::on, table.current(), items, recorded);
  }

  private Outcome<RoutingSnapshot> run(Attempt attempt, List<Item> items) {
    ContentHash first =
        items.stream().filter(Item::risky).findFirst().map(Item::hash).orElse(ContentHash.NONE);
    return compiler.run(first, Stage.COMPILE, budget(items), waiting, attempt);
  }

  /// For each step the budget of an entry, and for all together that of all risky ones, but five
  /// seconds at most; and a little for each row and character of a document.
  private CompilerThread.Budget budget(List<Item> items) {
    long risky = items.stream().filter(Item::risky).count();
    Duration rows = Duration.ofNanos(items.size() * ROW_NANOS);
    Duration entries = entryBudget.multipliedBy(Math.max(1, risky));
    Duration most = shorter(entries, longer(MOST_RISKY, entryBudget));
    Duration longest =
        CompilerThread.Budget.forText(items.stream().mapToLong(Passage::chars).max().orElse(0));
    Duration text = CompilerThread.Budget.forText(items.stream().mapToLong(Passage::chars).sum());
    return new CompilerThread.Budget(
        entryBudget.plus(rows).plus(longest), most.plus(rows).plus(text));
  }

  private static long chars(Item item) {
    return item.change() instanceof Change.Put(VirtualService virtual)
        ? virtual.document().length()
        : 0;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }
}
