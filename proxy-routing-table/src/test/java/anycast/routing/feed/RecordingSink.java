package anycast.routing.feed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Remembers a source's events; changes that come together one by one.
public final class RecordingSink implements StateSource.Sink {
  private final Eventually eventually = new Eventually();
  private final List<SourceEvent> events = new ArrayList<>();

  @Override
  public void offer(SourceEvent event) {
    eventually.changed(() -> {
      if (event instanceof SourceEvent.Together(_, List<SourceEvent.Changed> changes)) {
        events.addAll(changes);
      } else {
        events.add(event);
      }
    });
  }

  public void await(String what, Predicate<List<SourceEvent>> condition)
      throws InterruptedException {
    eventually.await(what, () -> condition.test(events));
  }

  /// What was said about one table.
  public List<SourceEvent> of(Table table) {
    List<SourceEvent> copy = new ArrayList<>();
    eventually.changed(() -> events.stream().filter(e -> e.table() == table).forEach(copy::add));
    return copy;
  }
}
