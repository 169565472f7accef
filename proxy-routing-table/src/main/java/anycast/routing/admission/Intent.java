package anycast.routing.admission;

import anycast.routing.feed.Moment;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.VirtualService;
import anycast.routing.table.Change;
import anycast.routing.table.LabelRoute;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is to be journaled before a delta is put in force.
///
/// **Threading.** One call's.
final class Intent {
  /// Hosts of one entry that are kept, to find it by a request's.
  private static final int MAX_HOSTS = 64;

  private final Book book;
  private final Soak soak;
  private final Moment now;

  /// The last change of each key that leaves a trace.
  private final Map<Entity.Key, Told> told = new LinkedHashMap<>();

  private final List<JournalRecord> records = new ArrayList<>();
  private boolean trial;
  private long bulk;

  /// @param inForce what of its key is in force; null = nothing
  private record Told(Change change, Entity inForce) {}

  Intent(Book book, Soak soak, Moment now) {
    this.book = book;
    this.soak = soak;
    this.now = now;
  }

  /// @param inForce what of its key is in force; null = nothing
  void add(Change change, Entity inForce) {
    Entity.Key key = change.key();
    Told earlier = told.get(key);
    Entity before = earlier == null ? inForce : earlier.inForce();
    boolean known = earlier != null || book.pending(key) != null;
    boolean risky =
        change instanceof Change.Put(Entity entity) && Risk.of(entity, before) != Risk.NONE;
    if (known || risky && told.size() < Ledger.MAX_PENDING) {
      told.put(key, new Told(change, before));
    } else if (risky) {
      bulk++;
    }
  }

  /// What is to be written; empty where nothing of it leaves a trace. Once.
  List<JournalRecord> records() {
    int room = Ledger.MAX_PENDING - book.pendingCount();
    boolean fits = bulk == 0 && told.size() <= room;
    told.forEach((key, of) -> {
      switch (of.change()) {
        case Change.Remove _ -> onRemoved(key);
        case Change.Put(Entity entity) when fits || book.pending(key) != null ->
            put(key, entity, of.inForce());
        case Change.Put _ -> bulk++;
      }
    });
    if (bulk > 0) {
      trial = true;
      soak.begin(ContentHash.NONE, now);
      records.add(book.bulk().with(bulk));
    }
    return records;
  }

  /// Whether anything of it is on trial: then the journal has to outlive a crash.
  boolean isTrial() {
    return trial;
  }

  /// What is gone is on trial no more. A suspect stays one: it may come back.
  private void onRemoved(Entity.Key key) {
    JournalRecord.Pending pending = book.pending(key);
    if (pending != null) {
      leave(pending, null);
    }
  }

  /// @param previous what is known to do no harm from now on; null = nothing
  private void leave(JournalRecord.Pending pending, Entity previous) {
    soak.drop(pending.hash());
    records.add(
        pending.suspicion().suspect()
            ? new JournalRecord.Pending(
                pending.hash(),
                pending.key(),
                pending.hosts(),
                previous,
                pending.sinceMillis(),
                false,
                pending.suspicion())
            : new JournalRecord.Forgotten(pending.hash(), pending.key()));
  }

  private void put(Entity.Key key, Entity entity, Entity inForce) {
    ContentHash hash = ContentHash.of(entity);
    JournalRecord.Pending pending = book.pending(key);
    if (pending != null && pending.hash().equals(hash)) {
      if (!pending.onTrial()) {
        begin(new JournalRecord.Trial(hash), hash);
      }
    } else if (book.isHarmless(key, hash)
        || inForce != null && hash.equals(ContentHash.of(inForce))) {
      // A version before, in the place of one that is on trial, or waits, or is quarantined.
      if (pending != null && pending.onTrial()) {
        leave(pending, entity);
      }
    } else {
      if (pending != null) {
        soak.drop(pending.hash());
      }
      Entity previous = pending != null ? pending.previous() : inForce;
      begin(
          new JournalRecord.Pending(
              hash,
              key,
              hosts(entity),
              book.hasRoomFor(previous) ? previous : null,
              now.millis(),
              true,
              Suspicion.NONE),
          hash);
    }
  }

  private void begin(JournalRecord record, ContentHash hash) {
    records.add(record);
    soak.begin(hash, now);
    trial = true;
  }

  private static List<String> hosts(Entity entity) {
    return switch (entity) {
      case VirtualService virtual -> virtual.rules().hosts().stream().limit(MAX_HOSTS).toList();
      // Rules that labels make have no name of their own for the flight recorder.
      case Instance instance -> LabelRoute.of(instance).hosts();
      case Entity _ -> List.of();
    };
  }
}
