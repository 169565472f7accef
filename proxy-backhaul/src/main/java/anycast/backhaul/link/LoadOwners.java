package anycast.backhaul.link;

import anycast.routing.model.NodeId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/// Which loop of this process hears a node's loads: one does, though several may have links.
///
/// **Threading.** Any loop. Compare-and-set: loops of one process must agree, and rarely ask.
final class LoadOwners {
  private final AtomicReference<Map<NodeId, Integer>> owners = new AtomicReference<>(Map.of());

  /// @return whether the loop has it now
  boolean claim(NodeId node, int loop) {
    while (true) {
      Map<NodeId, Integer> now = owners.get();
      Integer owner = now.get(node);
      if (owner != null) {
        return owner == loop;
      }
      Map<NodeId, Integer> next = new HashMap<>(now);
      next.put(node, loop);
      if (owners.compareAndSet(now, next)) {
        return true;
      }
    }
  }

  /// Gives it up where it is this loop's.
  void release(NodeId node, int loop) {
    while (true) {
      Map<NodeId, Integer> now = owners.get();
      Integer owner = now.get(node);
      if (owner == null || owner != loop) {
        return;
      }
      Map<NodeId, Integer> next = new HashMap<>(now);
      next.remove(node);
      if (owners.compareAndSet(now, next)) {
        return;
      }
    }
  }
}
