package anycast.routing.pick;

/// What this process remembers of the requests to one service or target group: the budget of its
/// retries and its recent latencies. One object, shared by all versions.
///
/// **Threading.** Any event loop; nothing waits.
public final class ServiceStats {
  /// A request begins: it earns its share of a retry.
  public void onRequest(long nowNanos) {}

  /// Takes a retry or hedge out of the budget.
  ///
  /// @param percent of the requests that may be retries
  /// @param perSecond retries beside this share
  /// @return false where the budget is used up
  public boolean tryRetry(int percent, int perSecond, long nowNanos) {
    return true;
  }

  /// A request was answered after this time, to the head of the response.
  public void onLatency(long nanos) {}

  /// The latency below which this share of the recent answers were; -1 while too few are known.
  public long latencyNanos(int quantilePercent) {
    return -1;
  }
}
