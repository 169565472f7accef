package anycast.routing.pick;

import anycast.routing.model.Instance;
import anycast.routing.model.Node;
import anycast.routing.model.Service;

/// An instance that may take the request, with all that an attempt needs to know.
///
/// @param node host to open a link to
/// @param load shared by all versions of this instance
public record Candidate(Instance instance, Service service, Node node, Load load) {}
