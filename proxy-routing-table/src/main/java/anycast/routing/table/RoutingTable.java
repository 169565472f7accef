package anycast.routing.table;

/// The world as one reference.
///
/// **Threading.** One writer, the feed follower; any reader. Published, never locked: a reader
/// takes the snapshot once per request and never waits.
public final class RoutingTable {
  private volatile RoutingSnapshot current;

  public RoutingTable(RoutingSnapshot first) {
    current = first;
  }

  /// The snapshot that a request beginning now reads.
  public RoutingSnapshot current() {
    return current;
  }

  /// Makes `next` the truth for all requests that begin from now on. Single writer.
  public void publish(RoutingSnapshot next) {
    current = next;
  }
}
