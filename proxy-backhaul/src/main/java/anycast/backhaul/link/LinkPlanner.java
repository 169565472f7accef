package anycast.backhaul.link;

import anycast.backhaul.exchange.Plan;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.wire.BackhaulHead;

/// Decides what happens to a request that came over a link.
///
/// **Threading.** Any event loop; pure, reads one snapshot.
@FunctionalInterface
public interface LinkPlanner {
  /// @param head the request without the fields that only proxies send
  Plan plan(BackhaulHead told, RequestHead head);
}
