package anycast.backhaul.link;

import anycast.backhaul.fault.Fault;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Requests that wait for one [LinkSet]'s link, first come first served.
///
/// **Threading.** One event loop. **Limits.** The set's.
final class LinkLine {
  private final ArrayDeque<LinkUpstream> waiting = new ArrayDeque<>();

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  int size() {
    return waiting.size();
  }

  void add(LinkUpstream upstream) {
    waiting.add(upstream);
  }

  void remove(LinkUpstream upstream) {
    waiting.remove(upstream);
  }

  /// As many as the link takes.
  void start(Link link) {
    while (!waiting.isEmpty() && link.canOpen()) {
      waiting.poll().start(link);
    }
  }

  /// Fails those; who comes meanwhile, because a fault made somebody try again, waits on.
  ///
  /// @param why asked once, where there is anybody
  void fail(Predicate<LinkUpstream> whom, Supplier<Fault> why) {
    List<LinkUpstream> failed = new ArrayList<>();
    waiting.removeIf(each -> whom.test(each) && failed.add(each));
    if (!failed.isEmpty()) {
      Fault fault = why.get();
      failed.forEach(each -> each.fail(fault));
    }
  }
}
