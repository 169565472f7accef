package anycast.routing.table;

import anycast.routing.model.rule.LabelSelector;
import anycast.routing.pick.Picker;
import anycast.routing.pick.ServiceStats;

/// The instances that a selector takes, on one of their ports.
///
/// @param port as in the rule's target; 0 = the service on the public port that was asked
/// @param stats shared by all versions of the group
public record TargetGroup(LabelSelector selector, int port, Picker picker, ServiceStats stats) {}
