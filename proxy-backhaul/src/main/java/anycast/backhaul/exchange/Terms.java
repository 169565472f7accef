package anycast.backhaul.exchange;

import anycast.backhaul.head.RequestHead;
import anycast.routing.model.ServicePolicy;
import anycast.routing.pick.Candidate;
import anycast.routing.pick.ServiceStats;
import java.util.List;

/// On what terms a request is forwarded.
///
/// @param rule that decided, as `service/rule`; empty where an app has the host by itself
/// @param stats whose budget retries and hedges come from
/// @param queueNanos how long the last attempt may wait for room at a full instance
/// @param edits for the response's head
/// @param copies where the request is copied to; answers are dropped
public record Terms(
    String rule,
    Plan.Timeouts timeouts,
    ServicePolicy.Retry retry,
    ServicePolicy.Hedge hedge,
    ServiceStats stats,
    long queueNanos,
    ResponseEdits edits,
    List<Copy> copies) {
  public Terms {
    copies = List.copyOf(copies);
  }

  /// Within these timeouts, otherwise as usual.
  public static Terms of(Plan.Timeouts timeouts) {
    return new Terms(
        "",
        timeouts,
        ServicePolicy.Retry.USUAL,
        ServicePolicy.Hedge.NONE,
        ServiceStats.NONE,
        0,
        ResponseEdits.none(),
        List.of());
  }

  /// Where one copy goes: the first candidate that takes it.
  public record Copy(List<Candidate> candidates, RequestHead head) {
    public Copy {
      candidates = List.copyOf(candidates);
    }
  }
}
