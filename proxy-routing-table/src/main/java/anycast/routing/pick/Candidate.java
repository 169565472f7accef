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
/// @param weight its share relative to others of the same nearness; 0 = only where nobody else is
public record Candidate(
    Instance instance,
    Service service,
    Node node,
    Load load,
    NodePath path,
    Standing standing,
    int weight) {
  /// The label that says the weight.
  public static final String WEIGHT_LABEL = "route.weight";

  /// What an instance weighs that says nothing.
  public static final int USUAL_WEIGHT = 100;

  /// Sums over a million candidates fit a long by far, and 1 beside it is one in 10,000 instances'
  /// worth: no rollout is finer.
  public static final int MAX_WEIGHT = 1_000_000;

  /// One with the weight that its label says.
  public Candidate(
      Instance instance, Service service, Node node, Load load, NodePath path, Standing standing) {
    this(instance, service, node, load, path, standing, weight(instance));
  }

  /// One that is ready, on a node that nothing else is known of.
  public Candidate(Instance instance, Service service, Node node, Load load) {
    this(instance, service, node, load, new NodePath(), Standing.READY);
  }

  /// The same instance, asked for another of its app's services.
  public Candidate with(Service other) {
    return new Candidate(instance, other, node, load, path, standing, weight);
  }

  /// Whether a link can be opened to it and it would take a request.
  public boolean routable() {
    return running() && standing == Standing.READY;
  }

  /// Whether it runs and a link can be opened to it, ready or not.
  boolean running() {
    return instance.state() == Instance.State.STARTED && reachable();
  }

  /// Whether its node is known and accepts links.
  boolean reachable() {
    return node != null && node.role() == Node.Role.WORKER && !node.backhaul().isEmpty();
  }

  /// A label that is no number says nothing.
  private static int weight(Instance instance) {
    String label = instance.labels().get(WEIGHT_LABEL);
    if (label == null || label.isEmpty() || label.length() > 9) {
      return USUAL_WEIGHT;
    }
    int weight = 0;
    for (int i = 0; i < label.length(); i++) {
      int digit = label.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return USUAL_WEIGHT;
      }
      weight = weight * 10 + digit;
    }
    return Math.min(weight, MAX_WEIGHT);
  }
}
