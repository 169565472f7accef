package anycast.routing.model.rule;

import anycast.routing.model.ServicePolicy;

/// On what terms a rule forwards; what it leaves out the instance's service says.
///
/// @param timeoutNanos from the first attempt to the response's head; 0 = the service's
/// @param waitNanos how long a request waits for a candidate to appear; 0 = the service's
/// @param retry null = the service's
public record Terms(long timeoutNanos, long waitNanos, ServicePolicy.Retry retry) {
  /// All as the service says.
  public static final Terms OF_SERVICE = new Terms(0, 0, null);
}
