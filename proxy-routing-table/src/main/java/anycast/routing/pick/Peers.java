package anycast.routing.pick;

import anycast.routing.model.NodeId;

/// Where this process stands among the edges of its region, so that each takes another part of a
/// large service and all parts together are even.
///
/// **Threading.** The table's writer tells, any event loop reads; one volatile, no order with
/// anything else: a picker made a moment before uses the former place.
public final class Peers {
  private volatile double place;

  /// Before it is known who the others are: somewhere, and not where the next one is.
  public Peers(NodeId self) {
    this.place = (Mixing.of(self.value()) >>> 11) * 0x1p-53;
  }

  /// The edges of the region changed.
  ///
  /// @param rank of this process' node among them by name, from 0
  /// @param count of them, at least 1
  public void onPeers(int rank, int count) {
    place = (rank + 0.5) / count;
  }

  /// In [0, 1); edges of one region stand at equal distances.
  public double place() {
    return place;
  }
}
