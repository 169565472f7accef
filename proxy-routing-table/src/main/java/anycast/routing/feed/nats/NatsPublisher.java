package anycast.routing.feed.nats;

import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;

/// Tells the fleet through NATS what this process owns: its node, a worker's instances, and a beat
/// every second.
public final class NatsPublisher implements AutoCloseable {
  /// @param node the row of this node, with the address that edges connect to
  /// @param instances all that this process owns, none on an edge; others of this node are removed
  /// @param ageMillis how old what this process knows is; for the beats
  public NatsPublisher(
      NatsConfig config,
      Node node,
      List<Instance> instances,
      LongSupplier ageMillis,
      InstantSource clock) {}

  public void start() {}

  /// Waits until the rows stand in state.
  ///
  /// @return false where `timeout` passed first
  public boolean awaitPublished(Duration timeout) throws InterruptedException {
    return false;
  }

  public boolean isPublished() {
    return false;
  }

  /// Withdraws the node and its beat, so that edges choose others before this one refuses; gives up
  /// quietly where state does not answer.
  public void withdraw(Duration timeout) throws InterruptedException {}

  /// Stops writing.
  @Override
  public void close() {}
}
