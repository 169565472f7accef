package anycast.routing.model.rule;

/// Instances by their labels. Regions that its author named are part of the selector.
///
/// @param port the service of the instance's app with this internal port, or such a port with
///   HTTP/1 where no service has it; 0 = the service on the public port that the request came in on
/// @param weight share among the targets of a rule, 0 to 1,000,000
public record Target(LabelSelector selector, int port, int weight) {}
