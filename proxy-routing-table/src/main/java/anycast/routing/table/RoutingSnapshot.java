package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.Certificate;
import anycast.routing.model.Hostname;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Candidate;
import java.util.function.Consumer;

/// All that one request may know, frozen. Shares with the version before it what did not change.
///
/// **Threading.** Immutable. Lookups neither wait nor allocate.
public final class RoutingSnapshot {
  /// Grows by one with each published change.
  public long version() {
    throw new UnsupportedOperationException("A");
  }

  /// The app that a host belongs to: the exact name, else the longest wildcard.
  ///
  /// @param host array that holds the name in lower case, without port
  /// @return null where no app has it
  public AppRoute find(byte[] host, int start, int length) {
    throw new UnsupportedOperationException("A");
  }

  public AppRoute app(AppId app) {
    throw new UnsupportedOperationException("A");
  }

  /// The instance in any state, with its first service; null where unknown.
  public Candidate instance(InstanceId instance) {
    throw new UnsupportedOperationException("A");
  }

  public Node node(NodeId node) {
    throw new UnsupportedOperationException("A");
  }

  /// The certificate for a name: exact, else the wildcard one label up (RFC 9525 §6.3).
  public Certificate certificate(String host) {
    throw new UnsupportedOperationException("A");
  }

  public Counts counts() {
    throw new UnsupportedOperationException("A");
  }

  public void eachHostname(Consumer<Hostname> each) {
    throw new UnsupportedOperationException("A");
  }

  public void eachInstance(Consumer<Candidate> each) {
    throw new UnsupportedOperationException("A");
  }

  public void eachNode(Consumer<Node> each) {
    throw new UnsupportedOperationException("A");
  }

  /// How many there are of each kind.
  public record Counts(
      int apps, int services, int hostnames, int instances, int nodes, int certificates) {}
}
