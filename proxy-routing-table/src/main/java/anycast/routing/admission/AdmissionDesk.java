package anycast.routing.admission;

import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;

/// The operator's view of an [Admission]: reads what the writer published, and leaves it notes.
///
/// **Threading.** Any thread; [#count] and [#released] are the writer's.
final class AdmissionDesk implements QuarantineDesk {
  private final Ledger ledger;
  private final KeptOut kept;
  private final CompilerThread compiler;
  private final Queue<ContentHash> released = new ConcurrentLinkedQueue<>();
  private final AtomicLongArray rejected = new AtomicLongArray(Stage.values().length);

  AdmissionDesk(Ledger ledger, KeptOut kept, CompilerThread compiler) {
    this.ledger = ledger;
    this.kept = kept;
    this.compiler = compiler;
    // What was found at the start was rejected by this process, too.
    entries().forEach(entry -> count(entry.stage()));
  }

  void count(Stage stage) {
    rejected.incrementAndGet(stage.ordinal());
  }

  /// The next entry that is let go; null = none.
  ContentHash released() {
    return released.poll();
  }

  @Override
  public List<QuarantineEntry> entries() {
    return ledger.view().quarantined();
  }

  @Override
  public List<HeldEntry> held() {
    List<HeldEntry> held = new ArrayList<>(ledger.view().held());
    held.addAll(kept.held(quarantined()));
    return held;
  }

  private Predicate<ContentHash> quarantined() {
    Set<ContentHash> quarantined = new HashSet<>();
    entries().forEach(entry -> quarantined.add(entry.hash()));
    return quarantined::contains;
  }

  @Override
  public Optional<String> document(ContentHash hash) {
    return kept.find(hash).map(AdmissionDesk::text);
  }

  private static String text(Entity entity) {
    if (entity instanceof VirtualService virtual) {
      return virtual.document();
    }
    Table table = RowCodec.table(entity.key());
    List<Object> cells = RowCodec.encode(entity, 0);
    StringJoiner lines = new StringJoiner("\n");
    for (int i = 0; i < cells.size(); i++) {
      String column = table.columns().get(i).name();
      boolean secret = table == Table.CERTIFICATES && column.equals("key");
      lines.add(column + ": " + (secret ? "(left out)" : cells.get(i)));
    }
    return lines.toString();
  }

  @Override
  public boolean release(ContentHash hash) {
    boolean known = entries().stream().anyMatch(entry -> entry.hash().equals(hash));
    if (known) {
      released.add(hash);
    }
    return known;
  }

  @Override
  public Tally tally() {
    LedgerView view = ledger.view();
    Map<Stage, Long> stages = new EnumMap<>(Stage.class);
    for (Stage stage : Stage.values()) {
      if (rejected.get(stage.ordinal()) > 0) {
        stages.put(stage, rejected.get(stage.ordinal()));
      }
    }
    return new Tally(
        stages,
        compiler.abandonedEver(),
        view.journalFailures(),
        view.heldCount() + kept.heldCount(quarantined()),
        Math.toIntExact(view.pending() + view.bulk()),
        view.suspects(),
        view.journal(),
        view.notes());
  }
}
