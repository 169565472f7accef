package anycast.routing.pick;

/// Whether an instance that runs shall get requests.
public enum Standing {
  READY,
  /// The operator took it out.
  CORDONED,
  /// Its checks fail.
  FAILING,
  /// It answers, but lags behind.
  LAGGING
}
