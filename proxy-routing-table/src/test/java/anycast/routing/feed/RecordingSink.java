package anycast.routing.feed;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Remembers a source's events.
public final class RecordingSink implements StateSource.Sink {
  private final Eventually eventually = new Eventually();
  private final List<SourceEvent> events = new ArrayList<>();

  @Override
  public void offer(SourceEvent event) {
    eventually.changed(() -> events.add(event));
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
