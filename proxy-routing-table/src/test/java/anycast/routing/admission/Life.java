package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.lastgood.FragileDisk;
import anycast.routing.model.Entity;
import anycast.routing.model.VirtualService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// The lives of one simulated proxy: updates, one or two of them poisoned, and a kill and a power
/// loss at any step of the journal or between them. What must hold is checked at each start and at
/// the end.
///
/// A poisoned entry ends its process a few seconds after it came into force; what is known of such
/// an end is drawn, as are batches, removals and what was saved.
final class Life {
  private static final int MAX_SECONDS = 6_000;
  private static final int KEYS = 24;
  private static final LastEnd ABNORMAL = new LastEnd(LastEnd.Kind.ABNORMAL, List.of());
  private static final LastEnd MACHINE = new LastEnd(LastEnd.Kind.MACHINE, List.of());

  /// What the world does at a moment between two steps of the disk.
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  /// How much a death tells.
  enum Telling {
    NOTHING,
    NEAR,
    PROVEN
  }

  private final SplittableRandom random;
  private final Proxy proxy = new Proxy("edge-1");
  private final Telling telling;
  private final Set<ContentHash> poison = new HashSet<>();
  private final Map<ContentHash, Integer> poisonEnds = new LinkedHashMap<>();
  private final Map<Entity.Key, Entity> stable = new HashMap<>();
  private final Set<Entity.Key> removed = new HashSet<>();
  private final Map<Entity.Key, Entity> saved = new LinkedHashMap<>();

  /// What was in force, or on its way there, when a life ended.
  private final Map<Long, Set<ContentHash>> trials = new HashMap<>();

  private final Set<Long> powerLosses = new HashSet<>();
  private final List<Entity> underWay = new ArrayList<>();
  private int versions;
  private int largest = 1;
  private int kills;
  private boolean killed;
  private boolean stopped;

  /// Whether the next kill is the machine's.
  private boolean power;

  private long fatalSecond = Long.MAX_VALUE;
  private Entity fatal;

  Life(long seed) {
    random = new SplittableRandom(seed);
    telling = Telling.values()[random.nextInt(Telling.values().length)];
  }

  /// Runs it to its end.
  void live() {
    proxy.start(LastEnd.NONE);
    quietly();
    int poisons = 1 + (random.nextInt(4) == 0 ? 1 : 0);
    int killAfter = random.nextInt(12);
    for (int episode = 0; episode < 12; episode++) {
      if (episode == killAfter) {
        armKill();
      }
      boolean poisoned = poisons > 0 && random.nextInt(12 - episode) < poisons;
      poisons -= poisoned ? 1 : 0;
      episode(poisoned);
    }
    settle();
    check();
  }

  /// Some updates that everybody takes.
  private void quietly() {
    act(() -> tell(batch(6, false)));
    for (int second = 0; second < 12; second++) {
      act(() -> beat());
    }
  }

  /// By chance a process is killed once and the machine stops once: twice killed alone would be
  /// found guilty, and nobody could know better.
  private void armKill() {
    power = killed || !stopped && random.nextInt(3) == 0;
    killed |= !power;
    stopped |= power;
    kills++;
    proxy.disk.loseAfter(random.nextInt(40));
  }

  private void episode(boolean poisoned) {
    int size = random.nextInt(3) == 0 ? 1 + random.nextInt(KEYS) : 1;
    act(() -> tell(batch(size, poisoned)));
    if (random.nextInt(6) == 0 && !proxy.told.isEmpty()) {
      List<Entity.Key> keys = new ArrayList<>(proxy.told.keySet());
      Entity.Key gone = keys.get(random.nextInt(keys.size()));
      if (!poison.contains(ContentHash.of(proxy.told.get(gone)))) {
        act(() -> remove(gone));
      }
    }
    int seconds = random.nextInt(25);
    for (int second = 0; second < seconds; second++) {
      act(this::beat);
    }
  }

  /// Until nothing waits and nothing is on trial.
  private void settle() {
    proxy.disk.healed();
    for (int second = 0; second < MAX_SECONDS; second++) {
      act(this::beat);
      proxy.ledger.onBeat(true, proxy.now());
      LedgerView view = proxy.ledger.view();
      if (view.pending() == 0 && view.heldCount() == 0 && fatal == null) {
        return;
      }
    }
    throw new AssertionError("does not settle: " + proxy.ledger.view());
  }

  private List<Entity> batch(int size, boolean poisoned) {
    Map<Entity.Key, Entity> batch = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      Entity entity = Cast.rules("vs" + random.nextInt(KEYS), ++versions);
      Entity told = proxy.told.get(entity.key());
      if (told == null || !poison.contains(ContentHash.of(told))) {
        batch.put(entity.key(), entity);
      }
    }
    List<Entity> entities = new ArrayList<>(batch.values());
    if (poisoned && !entities.isEmpty()) {
      poison.add(ContentHash.of(entities.get(random.nextInt(entities.size()))));
    }
    return entities;
  }

  private void tell(List<Entity> entities) {
    underWay.addAll(entities);
    maybeKilled();
    proxy.tell(entities.toArray(Entity[]::new));
    maybeKilled();
    underWay.clear();
    watch();
  }

  private void remove(Entity.Key key) {
    removed.add(key);
    proxy.remove(key);
    watch();
  }

  private void beat() {
    underWay.addAll(proxy.told.values());
    proxy.beat(true);
    underWay.clear();
    if (proxy.ledger.view().pending() == 0) {
      stable.clear();
      stable.putAll(proxy.inForce);
    }
    if (random.nextInt(8) == 0) {
      saved.clear();
      saved.putAll(proxy.inForce);
    }
    watch();
    if (proxy.seconds >= fatalSecond) {
      throw new Killed();
    }
  }

  /// Between two steps of the disk, once in a while: where a kill is due.
  private void maybeKilled() {
    if (kills == 1 && !killed && random.nextInt(60) == 0) {
      kills++;
      killed = true;
      power = false;
      proxy.disk.healed();
      throw new Killed();
    }
  }

  /// A poisoned entry in force works for a few seconds: less than a soak.
  private void watch() {
    fatal =
        proxy.inForce.values().stream()
            .filter(entity -> poison.contains(ContentHash.of(entity)))
            .findFirst()
            .orElse(null);
    if (fatal == null) {
      fatalSecond = Long.MAX_VALUE;
    } else if (fatalSecond == Long.MAX_VALUE) {
      fatalSecond = proxy.seconds + random.nextInt(8);
    }
  }

  /// Does something, in as many lives as it takes.
  private void act(Runnable action) {
    try {
      action.run();
    } catch (FragileDisk.PowerLoss | Killed end) {
      boolean poisoned = end instanceof Killed && proxy.seconds >= fatalSecond;
      LastEnd last = poisoned ? poisonedEnd() : power ? MACHINE : ABNORMAL;
      end(!poisoned && power);
      restart(last);
    }
  }

  private LastEnd poisonedEnd() {
    ContentHash hash = ContentHash.of(fatal);
    poisonEnds.merge(hash, 1, Integer::sum);
    largest = Math.max(largest, proxy.ledger.view().pending());
    return switch (telling) {
      case NOTHING -> ABNORMAL;
      case NEAR -> new LastEnd(LastEnd.Kind.ABNORMAL, List.of(Cast.blamed(fatal, false)));
      case PROVEN -> new LastEnd(LastEnd.Kind.ABNORMAL, List.of(Cast.blamed(fatal, true)));
    };
  }

  private void end(boolean powerLoss) {
    Set<ContentHash> live = new HashSet<>();
    proxy.inForce.values().forEach(entity -> live.add(ContentHash.of(entity)));
    underWay.forEach(entity -> live.add(ContentHash.of(entity)));
    underWay.clear();
    if (powerLoss) {
      FragileDisk.Tear[] tears = FragileDisk.Tear.values();
      proxy.disk = proxy.disk.after(random.nextInt(), tears[random.nextInt(tears.length)]);
    } else {
      proxy.kill();
    }
    long life = book().life();
    trials.putIfAbsent(life, live);
    if (powerLoss) {
      powerLosses.add(life);
    }
  }

  private void restart(LastEnd last) {
    fatal = null;
    fatalSecond = Long.MAX_VALUE;
    proxy.seconds++;
    proxy.inForce.clear();
    if (kills == 1 && random.nextInt(4) == 0) {
      armKill();
    }
    LastEnd told = last;
    while (true) {
      try {
        begin(told);
        return;
      } catch (FragileDisk.PowerLoss end) {
        end(power);
        proxy.inForce.clear();
        told = power ? MACHINE : ABNORMAL;
      }
    }
  }

  private void begin(LastEnd last) {
    proxy.ledger = Ledger.open(proxy.disk, last, proxy.limits, proxy.self, proxy.now());
    assertEquals("", proxy.ledger.view().journal());
    blamesOnlyWhatWasOnTrial();
    underWay.addAll(saved.values());
    for (Entity entity : proxy.ledger.preload(saved.values(), proxy.now())) {
      proxy.inForce.put(entity.key(), entity);
    }
    proxy.ledger.serving(proxy.now());
    underWay.addAll(proxy.told.values());
    for (Entity.Key key : new ArrayList<>(proxy.inForce.keySet())) {
      if (!proxy.told.containsKey(key)) {
        proxy.remove(key);
      }
    }
    proxy.tell(proxy.told.values().toArray(Entity[]::new));
    underWay.clear();
    previousVersionsServe();
    watch();
  }

  private Book book() {
    Book book = new Book();
    new Journal(proxy.disk).read(book::apply, new ArrayList<>());
    return book;
  }

  private void blamesOnlyWhatWasOnTrial() {
    book()
        .records(0)
        .forEach(record -> {
          if (record instanceof JournalRecord.Pending entry) {
            for (long end : entry.suspicion().ends()) {
              assertTrue(
                  powerLosses.contains(end) || trials.get(end).contains(entry.hash()),
                  () -> entry + " was not on trial when life " + end + " ended");
            }
          }
        });
  }

  /// Of what was saved: a version that was never saved, whose successor waits, is nowhere. And not
  /// of rows that once went: what is new after that has nothing before it.
  private void previousVersionsServe() {
    for (Entity.Key key : stable.keySet()) {
      if (proxy.told.containsKey(key) && saved.containsKey(key) && !removed.contains(key)) {
        assertTrue(
            proxy.inForce.containsKey(key),
            () -> "nothing serves " + key + ": " + book().pending(key) + ", " + story());
      }
    }
  }

  private String story() {
    return "stable " + stable + ", saved " + saved + ", " + proxy.ledger.view();
  }

  private void check() {
    for (QuarantineEntry out : proxy.ledger.view().quarantined()) {
      assertTrue(poison.contains(out.hash()), () -> "innocent, but out: " + out);
    }
    proxy
        .inForce
        .values()
        .forEach(entity -> assertFalse(poison.contains(ContentHash.of(entity)), "poison in force"));
    proxy.told.forEach((key, entity) -> {
      if (!poison.contains(ContentHash.of(entity))) {
        assertEquals(
            ((VirtualService) entity).document(),
            ((VirtualService) proxy.inForce.get(key)).document(),
            () -> key + ": " + book().pending(key) + ", " + story());
      }
    });
    int halvings = Integer.SIZE - Integer.numberOfLeadingZeros(largest - 1);
    poisonEnds.forEach(
        (hash, ends) -> assertTrue(ends <= bound(halvings), () -> ends + " of " + largest));
  }

  private int bound(int halvings) {
    int one = telling == Telling.PROVEN ? 1 : halvings + 2;
    return one * poison.size() + kills;
  }
}
