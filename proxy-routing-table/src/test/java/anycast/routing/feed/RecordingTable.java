package anycast.routing.feed;

import anycast.routing.model.Entity;
import anycast.routing.table.Change;
import anycast.routing.table.Delta;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// A table that remembers every delta.
public final class RecordingTable implements Publication {
  private final Eventually eventually = new Eventually();
  private final Map<Entity.Key, Entity> entities = new HashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final Set<Decoded.RejectKey> rejects = new HashSet<>();
  private int deltas;

  /// A follower that writes into this table.
  public FeedFollower follower(StateSource source, Ticker ticker) {
    return follower(this, source, ticker);
  }

  /// A follower that writes into `publication`; audits see this table.
  FeedFollower follower(Publication publication, StateSource source, Ticker ticker) {
    return new FeedFollower(
        publication,
        each -> entities().values().forEach(each),
        List.of(new FeedFollower.Named("state", source)),
        FeedLimits.STANDARD,
        FeedFollower.Outside.of(ticker));
  }

  @Override
  public Published publish(Delta delta) {
    eventually.changed(() -> {
      deltas++;
      for (Change change : delta.changes()) {
        changes.add(change);
        switch (change) {
          case Change.Put(Entity entity) -> entities.put(entity.key(), entity);
          case Change.Remove(Entity.Key key) -> entities.remove(key);
        }
      }
    });
    return Published.whole(deltas);
  }

  @Override
  public void onReject(Decoded.Reject reject, boolean stands) {
    eventually.changed(() -> {
      if (stands) {
        rejects.add(reject.key());
      } else {
        rejects.remove(reject.key());
      }
    });
  }

  /// Waits for what other nodes keep out.
  public void awaitRejects(
      Duration deadline, String what, Predicate<Set<Decoded.RejectKey>> condition)
      throws InterruptedException {
    eventually.await(what, deadline, () -> condition.test(rejects));
  }

  public void await(String what, Predicate<Map<Entity.Key, Entity>> condition)
      throws InterruptedException {
    eventually.await(what, () -> condition.test(entities));
  }

  public void awaitWithin(
      Duration deadline, String what, Predicate<Map<Entity.Key, Entity>> condition)
      throws InterruptedException {
    eventually.await(what, deadline, () -> condition.test(entities));
  }

  public List<Change> changes() {
    List<Change> copy = new ArrayList<>();
    eventually.changed(() -> copy.addAll(changes));
    return copy;
  }

  public Map<Entity.Key, Entity> entities() {
    Map<Entity.Key, Entity> copy = new HashMap<>();
    eventually.changed(() -> copy.putAll(entities));
    return copy;
  }

  public int deltas() {
    int[] count = new int[1];
    eventually.changed(() -> count[0] = deltas);
    return count[0];
  }
}
