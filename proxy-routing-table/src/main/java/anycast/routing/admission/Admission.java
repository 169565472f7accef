package anycast.routing.admission;

import anycast.routing.document.DocumentReading;
import anycast.routing.feed.Decoded;
import anycast.routing.feed.Moment;
import anycast.routing.feed.Publication;
import anycast.routing.feed.Table;
import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import anycast.routing.model.rule.RuleSet;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.table.RoutingSnapshot;
import anycast.routing.table.RoutingTable;
import anycast.routing.table.SnapshotBuilder;
import anycast.routing.time.Ticker;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what of the updates comes into force, and puts it there.
///
/// ```
///  document ─► read ─┐                     compiler's thread        writer's thread
///  delta ────────────┴► judge ─► free, admitted ─► compile ─► rehearse ─► journal ─► publish ─► soak
///                         │                           │ fails: one by one, or by halves
///                         └► waits, or is kept out ◄──┘ the guilty one
/// ```
///
/// Mirrors hold what sources say, the table what was admitted; the difference is known here only
/// ([#served]). A removal is never kept out.
///
/// **Threading.** The table's one writer; [#desk] and [#documentsOfAudits] are for any thread.
/// **Faults.** Whatever an update does on the compiler's thread costs that update; the others of
/// its delta go on, in their order.
public final class Admission implements Publication, AutoCloseable {
  /// Where what is admitted goes.
  ///
  /// @param shelf told each published snapshot with the wall clock, on the writer's thread
  public record World(
      RoutingTable table,
      SnapshotBuilder builder,
      ObjLongConsumer<RoutingSnapshot> shelf,
      Ticker ticker,
      InstantSource clock) {}

  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

  private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final World world;
  private final Ledger ledger;
  private final Surroundings around;
  private final Runnable waiting;
  private final CompilerThread compiler;
  private final Reading reading;
  private final Passage passage;
  private final Retraction retraction;
  private final KeptOut kept = new KeptOut();
  private final RuleFaults faults = new RuleFaults();
  private final AdmissionDesk desk;

  // The writer's own.
  private final Map<Entity.Key, Entity> due = new HashMap<>();
  private boolean preloading;
  private boolean serving;
  private long turns;
  private long beatNanos;

  /// @param ledger closed with this
  /// @param waiting called while the writer waits for the compiler, on the writer's thread
  public Admission(
      World world, Ledger ledger, AdmissionLimits limits, Surroundings around, Runnable waiting) {
    this.world = world;
    this.ledger = ledger;
    this.around = around;
    this.waiting = waiting;
    this.compiler = new CompilerThread(world.ticker(), around.notes(), around.watch());
    this.reading = new Reading(world.table(), compiler, limits.entryBudget(), around.faults());
    this.passage = new Passage(world, compiler, limits.entryBudget(), waiting);
    this.retraction = new Retraction(ledger, world.table(), kept, this::quarantine, this::read);
    this.desk = new AdmissionDesk(ledger, kept, compiler);
    this.beatNanos = world.ticker().nanos();
    ledger.believe(node -> world.table().current().find(new Entity.NodeKey(node)) != null);
    compiler.start();
  }

  private Moment now() {
    return new Moment(world.ticker().nanos(), world.clock().millis());
  }

  /// What an operator sees of it.
  public QuarantineDesk desk() {
    return desk;
  }

  /// Where event loops say what they stumbled over.
  public RuleFaults faults() {
    return faults;
  }

  /// Has a saved table put in force: what is published meanwhile was in force once, and the ledger
  /// says what of it may be so at once. Before the writer starts.
  public void preload(Runnable publishing) {
    preloading = true;
    try {
      publishing.run();
    } finally {
      preloading = false;
    }
  }

  @Override
  public Published publish(Delta delta) {
    Moment now = now();
    BitSet keptOut = new BitSet();
    List<Item> items = preloading ? saved(delta, keptOut, now) : judged(delta, keptOut, now);
    passage.bring(items, new Ends(keptOut, now));
    return new Published(world.table().current().version(), keptOut);
  }

  private List<Item> judged(Delta delta, BitSet keptOut, Moment now) {
    List<Item> items = new ArrayList<>(delta.changes().size());
    for (int i = 0; i < delta.changes().size(); i++) {
      Change change = delta.changes().get(i);
      turns++;
      switch (change) {
        case Change.Remove(Entity.Key key) -> {
          Entity before = world.table().current().find(key);
          Verdict _ = ledger.judge(change, before, now);
          items.add(new Item(i, turns, change, false, ContentHash.NONE, before));
        }
        case Change.Put(Entity entity) -> judge(i, entity, items, keptOut, now);
      }
    }
    return items;
  }

  private void judge(int index, Entity entity, List<Item> items, BitSet keptOut, Moment now) {
    Change change = new Change.Put(entity);
    Entity before = world.table().current().find(entity.key());
    boolean isDue = due.remove(entity.key()) == entity;
    Verdict verdict = isDue ? new Verdict.Admit() : ledger.judge(change, before, now);
    switch (verdict) {
      case Verdict.Free() when !Reading.isUnread(entity) ->
          items.add(new Item(index, turns, change, false, ContentHash.NONE, before));
      case Verdict.Free() -> keepOut(index, entity, KeptOut.Why.UNREAD, keptOut);
      case Verdict.Admit() when Reading.isUnread(entity) ->
          keepOut(index, entity, KeptOut.Why.UNREAD, keptOut);
      case Verdict.Admit() when compiler.exhausted() ->
          keepOut(index, entity, KeptOut.Why.COMPILER, keptOut);
      case Verdict.Admit() ->
          items.add(new Item(index, turns, change, true, ContentHash.of(entity), before));
      case Verdict.Hold(Verdict.Why why, Optional<Entity> previous) -> {
        boolean part = why == Verdict.Why.PART;
        keepOut(index, entity, part ? KeptOut.Why.PART : KeptOut.Why.LEDGER, keptOut);
        substitute(before, previous, items);
      }
      case Verdict.Quarantined(Optional<Entity> previous) -> {
        keepOut(index, entity, KeptOut.Why.LEDGER, keptOut);
        substitute(before, previous, items);
      }
    }
  }

  /// What is read from disk was in force once: only virtual services have a name for the flight
  /// recorder and are rehearsed, for they may be at fault in a new program.
  private List<Item> saved(Delta delta, BitSet keptOut, Moment now) {
    Map<Entity, Integer> indexes = new IdentityHashMap<>();
    for (int i = 0; i < delta.changes().size(); i++) {
      if (delta.changes().get(i) instanceof Change.Put(Entity entity)) {
        indexes.put(entity, i);
        keptOut.set(i);
      }
    }
    List<Entity> saved = new ArrayList<>(indexes.size());
    delta.changes().forEach(change -> saved.add(((Change.Put) change).entity()));
    List<Item> items = new ArrayList<>(saved.size());
    for (Entity entity : ledger.preload(saved, now)) {
      turns++;
      Integer index = indexes.get(entity);
      if (index == null) {
        substitute(null, Optional.of(entity), items);
      } else if (!Reading.isUnread(entity)) {
        keptOut.clear(index);
        boolean risky = entity instanceof VirtualService;
        ContentHash hash = risky ? ContentHash.of(entity) : ContentHash.NONE;
        items.add(new Item(index, turns, new Change.Put(entity), risky, hash, null));
      }
    }
    for (int i = keptOut.nextSetBit(0); i >= 0; i = keptOut.nextSetBit(i + 1)) {
      Entity entity = saved.get(i);
      KeptOut.Why why = Reading.isUnread(entity) ? KeptOut.Why.UNREAD : KeptOut.Why.LEDGER;
      keepOut(i, entity, why, keptOut);
    }
    return items;
  }

  private void keepOut(int index, Entity entity, KeptOut.Why why, BitSet keptOut) {
    kept.put(entity, ContentHash.of(entity), why, turns, world.clock().millis());
    keptOut.set(index);
  }

  private void substitute(Entity before, Optional<Entity> previous, List<Item> items) {
    if (before == null) {
      previous
          .flatMap(this::read)
          .map(e -> new Item(-1, turns, new Change.Put(e), true, ContentHash.of(e), null))
          .ifPresent(items::add);
    }
  }

  /// A virtual service from a journal has its document only.
  private Optional<Entity> read(Entity entity) {
    if (!(entity instanceof VirtualService virtual) || !Reading.isUnread(entity)) {
      return Optional.of(entity);
    }
    try {
      RuleSet rules = documents().rules(virtual.name(), virtual.document());
      Entity whole =
          new VirtualService(virtual.name(), virtual.document(), virtual.generation(), rules);
      return Reading.isUnread(whole) ? Optional.empty() : Optional.of(whole);
    } catch (IllegalArgumentException e) {
      LOG.warn("a version before cannot be read any more: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /// How what was judged ends.
  private final class Ends implements Passage.Ends {
    private final BitSet keptOut;
    private final Moment now;

    Ends(BitSet keptOut, Moment now) {
      this.keptOut = keptOut;
      this.now = now;
    }

    @Override
    public void passed(RoutingSnapshot next, List<Item> items) {
      putInForce(next, items, now);
    }

    @Override
    public void harmed(Item item, Stage stage, Outcome<RoutingSnapshot> how) {
      Harm harm = Harm.of(how, stage);
      if (!(item.change() instanceof Change.Put(Entity entity))) {
        LOG.error("a removal cannot be put in force and was left out: {}", harm.reason());
        if (item.index() >= 0) {
          keptOut.set(item.index());
        }
        return;
      }
      quarantine(entity, item.before(), stage, harm, now);
      if (item.index() >= 0) {
        keepOut(item.index(), entity, KeptOut.Why.LEDGER, keptOut);
        List<Item> instead = new ArrayList<>();
        substitute(item.before(), ledger.previous(ContentHash.of(entity)), instead);
        passage.bring(instead, this);
      }
    }

    @Override
    public void postponed(Item item) {
      if (item.index() >= 0 && item.change() instanceof Change.Put(Entity entity)) {
        keepOut(item.index(), entity, KeptOut.Why.COMPILER, keptOut);
      } else if (item.index() >= 0) {
        LOG.error("a removal was not put in force: no compiler is left that ends");
        keptOut.set(item.index());
      }
    }
  }

  private void putInForce(RoutingSnapshot next, List<Item> items, Moment now) {
    List<Change> changes = items.stream().map(Item::change).toList();
    if (next != world.table().current()) {
      if (!preloading) {
        ledger.intent(changes, items.stream().map(Item::before).toList(), now);
      }
      world.table().publish(next);
      world.builder().onPublished(new Delta(changes), next);
      world.shelf().accept(next, now.millis());
    }
    items.stream()
        .filter(item -> item.index() >= 0)
        .forEach(item -> kept.passed(item.change().key(), item.turn()));
  }

  private void quarantine(Entity entity, Entity before, Stage stage, Harm harm, Moment now) {
    QuarantineEntry entry =
        ledger.quarantine(entity, before, stage, harm.reason(), harm.detail(), now);
    desk.count(stage);
    LOG.warn(
        "{} {} is kept out as {}: {}", entry.table(), entry.key(), entry.hash(), harm.reason());
  }

  @Override
  public Entity served(Entity.Key key, Entity told) {
    return kept.has(key) ? world.table().current().find(key) : told;
  }

  @Override
  public Turn turn(Moment now, boolean loaded) {
    if (loaded && !serving) {
      serving = true;
      ledger.serving(now);
    }
    for (RuleFaults.Accused accused : faults.accused(now.nanos(), ledger::isUnproven)) {
      retraction
          .of(accused, ++turns, now)
          .ifPresent(item -> passage.bring(List.of(item), new Ends(new BitSet(), now)));
    }
    boolean released = false;
    for (ContentHash hash = desk.released(); hash != null; hash = desk.released()) {
      released |= ledger.release(hash, now);
    }
    Set<Table> reread = EnumSet.noneOf(Table.class);
    List<Entity> again = new ArrayList<>();
    boolean beat = now.nanos() - beatNanos >= BEAT_NANOS;
    if (beat) {
      beatNanos = now.nanos();
      if (ledger.onBeat(around.well().getAsBoolean(), now)) {
        again.addAll(kept.all(KeptOut.Why.PART, ledger::mayCome));
      }
    }
    if ((beat || released) && !compiler.exhausted()) {
      again.addAll(kept.all(KeptOut.Why.COMPILER, _ -> true));
      if (reading.forgets(hash -> ledger.quarantined(hash).isPresent())) {
        reread.add(Table.VIRTUAL_SERVICES);
      }
    }
    for (Change change : ledger.due(now)) {
      if (change instanceof Change.Put(Entity entity)) {
        read(entity)
            .ifPresent(whole -> {
              due.put(whole.key(), whole);
              again.add(whole);
            });
      }
    }
    return again.isEmpty() && reread.isEmpty() ? Turn.NOTHING : new Turn(again, reread);
  }

  @Override
  public DocumentReading documents() {
    Reading.Desk writers =
        new Reading.Desk() {
          @Override
          public boolean refuses(ContentHash hash) {
            return ledger
                .quarantined(hash)
                .filter(entry -> entry.stage() == Stage.VALIDATE)
                .isPresent();
          }

          @Override
          public void harmed(VirtualService unread, Outcome<RuleSet> how) {
            Entity before = world.table().current().find(unread.key());
            quarantine(unread, before, Stage.VALIDATE, Harm.of(how, Stage.VALIDATE), now());
          }
        };
    return (name, document) -> reading.rules(name, document, writers, waiting);
  }

  /// What harms here was read by the writer before, or will be: it says so.
  @Override
  public DocumentReading documentsOfAudits() {
    return (name, document) -> reading.rules(name, document, Reading.AUDITS, () -> {});
  }

  @Override
  public void onReject(Decoded.Reject reject, boolean stands) {
    // The decoder has seen that it is one.
    ContentHash hash = ContentHash.parse(reject.hash());
    if (stands) {
      ledger.onReject(hash, reject.node(), now());
    } else {
      ledger.onRejectWithdrawn(hash, reject.node());
    }
  }

  /// The process stops in order. After the writer has ended.
  @Override
  public void close() {
    compiler.close();
    ledger.close();
  }
}
