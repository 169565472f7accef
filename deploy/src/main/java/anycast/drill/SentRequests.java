package anycast.drill;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What became of the requests of a client that asks a unit all the time.
///
/// **Threading.** Any adds; one tells.
final class SentRequests {
  /// How late the end of a process is noticed at most.
  private static final long NOTICED_NANOS = Duration.ofSeconds(1).toNanos();

  private final Queue<OpenLoop.Sent> sent = new ConcurrentLinkedQueue<>();
  private final boolean busy;

  /// @param busy the machine is: failures are told and are no problem
  SentRequests(boolean busy) {
    this.busy = busy;
  }

  void add(OpenLoop.Sent one) {
    sent.add(one);
  }

  /// Who asked since the unit was struck was answered, but for those that a process took with it.
  void tell(long struckNanos, UnitWatch watch, Findings findings) {
    List<OpenLoop.Sent> since =
        sent.stream().filter(each -> each.endedNanos() - struckNanos >= 0).toList();
    long longest =
        since.stream()
            .filter(OpenLoop.Sent::well)
            .mapToLong(each -> each.endedNanos() - each.beganNanos())
            .max()
            .orElse(0);
    findings.say(
        "%d requests ended, the longest that was answered took %.1f s"
            .formatted(since.size(), longest / 1e9));
    List<OpenLoop.Sent> failed = since.stream().filter(each -> !each.well()).toList();
    List<OpenLoop.Sent> unexplained =
        failed.stream().filter(each -> !isTakenAlong(each, struckNanos, watch)).toList();
    if (busy) {
      findings.say("%d failed, %d by themselves".formatted(failed.size(), unexplained.size()));
    } else {
      findings.failures(failed.size(), unexplained);
    }
  }

  /// Whether it was on its way through a process when that was struck, or ended.
  private static boolean isTakenAlong(OpenLoop.Sent one, long struckNanos, UnitWatch watch) {
    return one.beganNanos() - struckNanos <= 0
        || watch.since(struckNanos).stream()
            .filter(seen -> seen.unit().pid() == 0)
            .anyMatch(seen ->
                one.beganNanos() - seen.atNanos() <= 0
                    && one.endedNanos() - seen.atNanos() >= -NOTICED_NANOS);
  }
}
