package anycast.backhaul.fault;

/// A failure of one exchange.
///
/// @param kind row of the table
/// @param scope how far it reaches
/// @param detail what the operator reads beside the kind's sentence; may be empty, holds nothing
///   that a client sent unless escaped
public record Fault(FaultKind kind, Scope scope, String detail) {
  /// What else the fault takes with it.
  public enum Scope {
    EXCHANGE,
    CONNECTION,
    NODE
  }

  /// A fault of this exchange only.
  public static Fault of(FaultKind kind, String detail) {
    return new Fault(kind, Scope.EXCHANGE, detail);
  }

  public static Fault of(FaultKind kind) {
    return new Fault(kind, Scope.EXCHANGE, "");
  }

  /// The same with more detail.
  public Fault and(String more) {
    return new Fault(kind, scope, detail.isEmpty() ? more : detail + "; " + more);
  }

  /// Whether another candidate may be tried: proven that the app saw nothing.
  public boolean retrySafe() {
    return kind.retry() == FaultKind.Retry.SAFE;
  }
}
