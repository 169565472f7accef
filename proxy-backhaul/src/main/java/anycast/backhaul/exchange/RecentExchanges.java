package anycast.backhaul.exchange;

import anycast.backhaul.runtime.AdminAnswer;
import java.time.InstantSource;
import java.util.Map;

/// The last exchanges of a process, for the operator who has an id: those that failed or were tried
/// again, and a few of the others. Passes what the next log wants on to it.
///
/// **Threading.** Event loops write, each into rings of its own; [#answer] on any thread, without
/// holding up a loop.
public final class RecentExchanges implements ExchangeLog, AdminAnswer {
  private final ExchangeLog next;

  public RecentExchanges(ExchangeLog next, InstantSource clock) {
    this.next = next;
  }

  @Override
  public boolean wants(boolean faulty) {
    return next.wants(faulty);
  }

  @Override
  public void ended(ExchangeRecord entry) {
    next.ended(entry);
  }

  /// A request that was refused before anything was tried: they have a ring of their own, as they
  /// cost a stranger nothing.
  public void refused(ExchangeRecord entry) {}

  /// Answers `/explain-last?id=`.
  @Override
  public Object answer(Map<String, String> query) {
    return Map.of();
  }
}
