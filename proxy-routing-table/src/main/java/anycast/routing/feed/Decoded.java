package anycast.routing.feed;

import anycast.routing.model.Entity;
import anycast.routing.model.NodeId;

/// What became of a row.
public sealed interface Decoded {
  /// A row that is in force.
  sealed interface Usable extends Decoded {
    /// Equal for two versions of one thing.
    Object key();
  }

  /// A part of the routing snapshot.
  record Routed(Entity entity) implements Usable {
    @Override
    public Entity.Key key() {
      return entity.key();
    }
  }

  /// A node's sign of life.
  ///
  /// @param atMillis the node's wall clock when it wrote; to be shown, never to be reckoned with
  /// @param ageMillis how old what that node knows was by then
  record Beat(NodeId node, long seq, long atMillis, long ageMillis) implements Usable {
    @Override
    public NodeId key() {
      return node;
    }
  }

  /// A node keeps an entry out. Why is written in its row; nobody who routes needs to know, and a
  /// hundred thousand reasons are a hundred megabytes.
  ///
  /// @param hash 32 hexadecimal digits, of [RejectRow#hash]
  /// @param atMillis the node's wall clock; to be shown, never to be reckoned with
  record Reject(NodeId node, String hash, long atMillis) implements Usable {
    @Override
    public RejectKey key() {
      return new RejectKey(node, hash);
    }
  }

  /// What identifies a reject.
  record RejectKey(NodeId node, String hash) {}

  /// The row is skipped.
  record Undecodable(String reason) implements Decoded {}
}
