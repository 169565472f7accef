package anycast.routing.pick;

import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.Service;

/// An instance that may take the request, with all that an attempt needs to know.
///
/// Rows of state arrive in any order. What a [Picker] picks is complete; what a snapshot lists or
/// answers for an instance id may lack what has not arrived yet.
///
/// @param service null where the instance's app has no service (never in a picked candidate)
/// @param node host to open a link to; null where no row of the node is known (never in a picked
///   candidate)
/// @param load shared by all versions of this instance
/// @param path shared by all candidates on the node and all their versions
public record Candidate(
    Instance instance, Service service, Node node, Load load, NodePath path, Standing standing) {
  /// One that is ready, on a node that nothing else is known of.
  public Candidate(Instance instance, Service service, Node node, Load load) {
    this(instance, service, node, load, new NodePath(), Standing.READY);
  }

  /// The same instance, asked for another of its app's services.
  public Candidate with(Service other) {
    return new Candidate(instance, other, node, load, path, standing);
  }

  /// Whether a link can be opened to it and it would take a request.
  public boolean routable() {
    return instance.state() == Instance.State.STARTED && standing == Standing.READY && reachable();
  }

  /// Whether its node is known and accepts links.
  boolean reachable() {
    return node != null && node.role() == Node.Role.WORKER && !node.backhaul().isEmpty();
  }
}
