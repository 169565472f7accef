package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.pick.Candidate;
import java.util.List;

/// What was decided for a request, before anything is done.
public sealed interface Plan {
  /// Try the candidates in order, each at most once.
  ///
  /// @param head what goes upstream, header rules applied
  record Forward(Arrival arrival, RequestHead head, List<Candidate> candidates, Timeouts timeouts)
      implements Plan {}

  /// Answer here, with an empty body.
  record Answer(ResponseHead head) implements Plan {}

  record Refuse(Fault fault) implements Plan {}

  /// Lengths of time that one exchange may take; 0 = no limit.
  ///
  /// @param responseNanos without a byte either way, before the final response head
  /// @param idleNanos without a byte either way, once the response has begun
  record Timeouts(long responseNanos, long idleNanos) {}
}
