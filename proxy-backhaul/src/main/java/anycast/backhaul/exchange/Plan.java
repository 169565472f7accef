package anycast.backhaul.exchange;

import anycast.backhaul.fault.Fault;
import anycast.backhaul.head.RequestHead;
import anycast.backhaul.head.ResponseHead;
import anycast.routing.pick.Candidate;
import java.util.List;
import java.util.function.Supplier;

/// What was decided for a request, before anything is done.
public sealed interface Plan {
  /// Try the candidates in order, each at most once.
  ///
  /// @param head what goes upstream, header rules applied
  record Forward(Arrival arrival, RequestHead head, List<Candidate> candidates, Terms terms)
      implements Plan {
    /// On usual terms.
    public Forward(
        Arrival arrival, RequestHead head, List<Candidate> candidates, Timeouts timeouts) {
      this(arrival, head, candidates, Terms.of(timeouts));
    }

    public Timeouts timeouts() {
      return terms.timeouts();
    }
  }

  /// Nobody can take it at this moment; a candidate may appear.
  ///
  /// @param head as it came, for the log
  /// @param owner whose it is, an app or a virtual service: of one owner so many may wait. Not the
  ///   host, of which a client can make up as many as it likes
  /// @param waitNanos from now on
  /// @param otherwise what it ends with where nobody appeared
  /// @param again plans anew on the snapshot of that moment; on the exchange's event loop
  record Await(
      Arrival arrival,
      RequestHead head,
      String owner,
      long waitNanos,
      Fault otherwise,
      Supplier<Plan> again)
      implements Plan {}

  /// Answer here, with an empty body.
  record Answer(ResponseHead head) implements Plan {}

  record Refuse(Fault fault) implements Plan {}

  /// Lengths of time that one exchange may take; 0 = no limit.
  ///
  /// @param responseNanos without a byte either way, before the final response head
  /// @param idleNanos without a byte either way, once the response has begun
  /// @param totalNanos from the first attempt to the final response head, all attempts together; a
  ///   wait for a candidate comes before
  /// @param connectNanos of one attempt's connection to the app
  record Timeouts(long responseNanos, long idleNanos, long totalNanos, long connectNanos) {
    public Timeouts(long responseNanos, long idleNanos) {
      this(responseNanos, idleNanos, 0, 0);
    }
  }
}
