package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.Moment;
import anycast.routing.feed.lastgood.FragileDisk;
import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;
import anycast.routing.table.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A process as its ledger sees it: what sources told, what is in force, what was saved, and a disk
/// that outlives it. Time is the test's.
final class Proxy {
  static final Duration SOAK = Duration.ofSeconds(10);

  final Map<Entity.Key, Entity> told = new LinkedHashMap<>();
  final Map<Entity.Key, Entity> inForce = new LinkedHashMap<>();
  final NodeId self;
  AdmissionLimits limits =
      new AdmissionLimits(
          Duration.ofMillis(250), SOAK, Duration.ofHours(24), 1.0, Duration.ofSeconds(60));
  FragileDisk disk = new FragileDisk();
  Ledger ledger;
  long seconds = 1_000_000;

  /// How far somebody has set the wall clock.
  Duration set = Duration.ZERO;

  /// What waits for its part.
  final Map<Entity.Key, Entity> later = new LinkedHashMap<>();

  Proxy(String name) {
    self = new NodeId(name);
  }

  Moment now() {
    return new Moment(seconds * 1_000_000_000L, seconds * 1_000 + set.toMillis());
  }

  /// Starts from what was told last, as if all of it were saved.
  Proxy start(LastEnd last) {
    seconds++;
    inForce.clear();
    later.clear();
    ledger = Ledger.open(disk, last, limits, self, now());
    for (Entity entity : ledger.preload(told.values(), now())) {
      inForce.put(entity.key(), entity);
    }
    ledger.serving(now());
    return this;
  }

  /// A source tells these, together.
  ///
  /// @return what becomes of each
  List<Verdict> tell(Entity... entities) {
    List<Verdict> verdicts = new ArrayList<>();
    List<Change> admitted = new ArrayList<>();
    for (Entity entity : entities) {
      told.put(entity.key(), entity);
      Change change = new Change.Put(entity);
      Verdict verdict = ledger.judge(change, inForce.get(entity.key()), now());
      verdicts.add(verdict);
      later.remove(entity.key());
      switch (verdict) {
        case Verdict.Hold(Verdict.Why why, _) when why == Verdict.Why.PART ->
            later.put(entity.key(), entity);
        case Verdict.Admit _, Verdict.Free _ -> admitted.add(change);
        case Verdict.Hold(_, var previous) -> previous.ifPresent(this::putWhereNothingIs);
        case Verdict.Quarantined(var previous) -> previous.ifPresent(this::putWhereNothingIs);
      }
    }
    publish(admitted);
    return verdicts;
  }

  private void putWhereNothingIs(Entity previous) {
    if (!inForce.containsKey(previous.key())) {
      publish(List.of(new Change.Put(previous)));
    }
  }

  Verdict tellOne(Entity entity) {
    return tell(entity).getFirst();
  }

  void remove(Entity.Key key) {
    told.remove(key);
    Change change = new Change.Remove(key);
    assertTrue(ledger.judge(change, inForce.get(key), now()) instanceof Verdict.Free);
    publish(List.of(change));
  }

  private void publish(List<Change> changes) {
    List<Entity> befores = new ArrayList<>();
    for (Change change : changes) {
      befores.add(inForce.get(change.key()));
    }
    ledger.intent(changes, befores, now());
    for (Change change : changes) {
      switch (change) {
        case Change.Put(Entity entity) -> inForce.put(entity.key(), entity);
        case Change.Remove(Entity.Key key) -> inForce.remove(key);
      }
    }
  }

  /// A second goes by.
  ///
  /// @return what comes into force because its turn has come
  List<Entity> beat(boolean well) {
    seconds++;
    List<Entity> came = new ArrayList<>();
    if (ledger.onBeat(well, now())) {
      came.addAll(
          later.values().stream()
              .filter(entity -> ledger.mayCome(ContentHash.of(entity)))
              .toList());
      tell(came.toArray(Entity[]::new));
    }
    List<Change> due = ledger.due(now());
    publish(due);
    due.forEach(change -> came.add(((Change.Put) change).entity()));
    return came;
  }

  List<Entity> beats(int count) {
    List<Entity> due = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      due.addAll(beat(true));
    }
    return due;
  }

  /// Long enough for what is on trial to be stable.
  Proxy soak() {
    assertTrue(beats((int) SOAK.toSeconds() + 1).isEmpty());
    return this;
  }

  /// SIGKILL: what was written is there, whether it was synced or not.
  Proxy kill() {
    disk = disk.after(-1, FragileDisk.Tear.ALL_ARRIVED);
    return this;
  }

  /// An abnormal end that nobody can explain, and the next start.
  Proxy crash() {
    return kill().start(new LastEnd(LastEnd.Kind.ABNORMAL, List.of()));
  }

  Proxy crashBlaming(LastEnd.Blamed... blamed) {
    return kill().start(new LastEnd(LastEnd.Kind.ABNORMAL, List.of(blamed)));
  }

  /// It is told and found guilty.
  void quarantined(Entity entity) {
    tell(entity);
    crashBlaming(Cast.blamed(entity, true));
    assertTrue(isOut(entity));
  }

  boolean serves(Entity entity) {
    return entity.equals(inForce.get(entity.key()));
  }

  boolean isOut(Entity entity) {
    return ledger.quarantined(ContentHash.of(entity)).isPresent();
  }
}
