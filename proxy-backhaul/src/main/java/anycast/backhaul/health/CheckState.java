package anycast.backhaul.health;

import anycast.routing.model.HealthCheck;

/// What a row of results means, of one check of one instance; pure.
///
/// ```
///            first pass               fall failures in a row
///   FRESH ──────────────► PASSING ──────────────────────────► FAILING, LAGGING
///     │                      ▲────────── rise passes in a row ────┘   ▲
///     └── fall failures in a row, after the grace ────────────────────┘
/// ```
///
/// A fresh instance is not ready: nobody knows that it works. Within the grace a failure does not
/// count.
///
/// **Threading.** One owner.
final class CheckState {
  enum Status {
    FRESH,
    PASSING,
    FAILING,
    LAGGING
  }

  private final HealthCheck check;
  private final long graceEndNanos;

  private Status status;
  private String detail;
  private int passes;
  private int failures;

  /// @param status as it was known before
  /// @param detail the same
  /// @param graceEndNanos until then failures do not count
  CheckState(HealthCheck check, Status status, String detail, long graceEndNanos) {
    this.check = check;
    this.status = status;
    this.detail = detail;
    this.graceEndNanos = graceEndNanos;
  }

  Status status() {
    return status;
  }

  /// Why it is not ready; empty while passing.
  String detail() {
    return status == Status.PASSING ? "" : detail;
  }

  void onResult(CheckResult result, long nowNanos) {
    switch (result) {
      case CheckResult.Passed() -> onPass();
      case CheckResult.Failed(String why) -> onFailure(Status.FAILING, why, nowNanos);
      case CheckResult.Lagging(String how) -> onFailure(Status.LAGGING, how, nowNanos);
    }
  }

  private void onPass() {
    passes++;
    failures = 0;
    switch (status) {
      case FRESH -> status = Status.PASSING;
      case FAILING, LAGGING -> {
        if (passes >= check.rise()) {
          status = Status.PASSING;
        }
      }
      case PASSING -> {}
    }
  }

  private void onFailure(Status kind, String why, long nowNanos) {
    passes = 0;
    detail = why;
    switch (status) {
      case FRESH, PASSING -> {
        if (nowNanos - graceEndNanos >= 0 && ++failures >= check.fall()) {
          status = kind;
        }
      }
      case FAILING, LAGGING -> status = kind;
    }
  }
}
