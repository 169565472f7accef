package anycast.backhaul.health;

import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.pick.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One instance with its checks: what all of them say together, and what is written of it.
///
/// **Threading.** The checks' thread.
final class CheckedInstance {
  /// Rows of a new instance's app may come after its own: so long it counts as new, and a row that
  /// was there before this process is kept.
  static final long SETTLE_NANOS = 10_000_000_000L;

  /// A text that changes with every check, as a lag does, is not worth a write each time.
  private static final long DETAIL_NANOS = 10_000_000_000L;

  private final InstanceId instance;
  private final long seenNanos;
  private final InstanceHealth restored;

  private List<Aim> aims = List.of();
  private List<RunningCheck> checks = new ArrayList<>();
  private InstanceHealth written;
  private long writtenNanos;
  private Standing standing = Standing.READY;

  /// @param restored what an earlier process wrote of it; null where nothing
  CheckedInstance(InstanceId instance, InstanceHealth restored, long nowNanos) {
    this.instance = instance;
    this.restored = restored;
    this.written = restored;
    this.seenNanos = nowNanos;
    this.writtenNanos = nowNanos;
  }

  InstanceId instance() {
    return instance;
  }

  List<RunningCheck> checks() {
    return checks;
  }

  /// Takes on these checks: those that are there already go on.
  ///
  /// @return those that are new, to be begun
  List<RunningCheck> aim(List<Aim> next, long nowNanos) {
    if (next.equals(aims)) {
      return List.of();
    }
    aims = next;
    List<RunningCheck> kept = new ArrayList<>();
    List<RunningCheck> begun = new ArrayList<>();
    for (Aim aim : next) {
      RunningCheck known =
          checks.stream().filter(check -> check.aim().equals(aim)).findFirst().orElse(null);
      if (known == null) {
        known = new RunningCheck(this, aim, first(aim, nowNanos));
        begun.add(known);
      }
      kept.add(known);
    }
    checks.stream().filter(check -> !kept.contains(check)).forEach(RunningCheck::cancel);
    checks = kept;
    return begun;
  }

  /// A new instance is not ready before it passed; one that was there keeps what was known, and a
  /// check that is new on an instance that serves has to fail first.
  private CheckState first(Aim aim, long nowNanos) {
    boolean settling = nowNanos - seenNanos < SETTLE_NANOS;
    if (settling && restored != null) {
      CheckState.Status status =
          switch (restored.status()) {
            case PASSING -> CheckState.Status.PASSING;
            case FAILING -> CheckState.Status.FAILING;
            case LAGGING -> CheckState.Status.LAGGING;
          };
      return new CheckState(aim.check(), status, restored.detail(), nowNanos);
    }
    if (settling) {
      long graceEndNanos = seenNanos + aim.check().graceNanos();
      return new CheckState(
          aim.check(), CheckState.Status.FRESH, aim.service() + ": not checked yet", graceEndNanos);
    }
    return new CheckState(aim.check(), CheckState.Status.PASSING, "", nowNanos);
  }

  void cancel() {
    checks.forEach(RunningCheck::cancel);
  }

  Standing standing() {
    return standing;
  }

  /// Looks at all checks.
  ///
  /// @return whether the standing is another one
  boolean weigh() {
    Standing before = standing;
    standing = Standing.READY;
    for (RunningCheck check : checks) {
      Standing one =
          switch (check.state().status()) {
            case PASSING -> Standing.READY;
            case LAGGING -> Standing.LAGGING;
            case FRESH, FAILING -> Standing.FAILING;
          };
      if (standing == Standing.READY || one == Standing.FAILING) {
        standing = one;
      }
    }
    return standing != before;
  }

  /// Why it is not ready; empty where it is.
  String detail() {
    for (RunningCheck check : checks) {
      boolean told =
          switch (check.state().status()) {
            case PASSING -> false;
            case LAGGING -> standing == Standing.LAGGING;
            case FRESH, FAILING -> true;
          };
      if (told) {
        return check.state().detail();
      }
    }
    return "";
  }

  /// The row to be written now; none where nothing is checked.
  Optional<InstanceHealth> row(NodeId self, long nowNanos, long nowMillis) {
    if (checks.isEmpty()) {
      boolean settling = nowNanos - seenNanos < SETTLE_NANOS;
      return settling ? Optional.ofNullable(restored) : Optional.empty();
    }
    InstanceHealth.Status status =
        switch (standing) {
          case READY, CORDONED -> InstanceHealth.Status.PASSING;
          case FAILING -> InstanceHealth.Status.FAILING;
          case LAGGING -> InstanceHealth.Status.LAGGING;
        };
    String detail = detail();
    boolean news = written == null || written.status() != status;
    boolean words = !news && !written.detail().equals(detail);
    if (news || words && nowNanos - writtenNanos >= DETAIL_NANOS) {
      written = new InstanceHealth(self, instance, status, detail, nowMillis);
      writtenNanos = nowNanos;
    }
    return Optional.of(written);
  }
}
