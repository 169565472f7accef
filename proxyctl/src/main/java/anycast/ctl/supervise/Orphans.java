package anycast.ctl.supervise;

import anycast.backhaul.posix.Libc;
import anycast.backhaul.posix.PosixException;
import anycast.backhaul.posix.Signal;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Processes that the supervisor before left behind because it was killed. They hold the sockets,
/// and beside them each service would have two processes; so they are stopped in order before
/// anything is begun.
///
/// They are known by their environment, which each process has from its first moment on: a file
/// with numbers could be a step behind, and numbers come again.
///
/// **Threading.** One thread, before anything is started. **Limits.** Processes of this user.
final class Orphans {
  /// The socket on which a service's process tells, also where it does not want to: it names the
  /// supervisor.
  static final String VARIABLE = "ANYCAST_SUPERVISED";

  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /// SIGKILL works at once, unless the kernel itself waits.
  private static final Duration KILLED = Duration.ofSeconds(10);

  private final Path admin;
  private final Ticker ticker;

  /// @param admin socket of the supervisor that begins
  Orphans(Path admin, Ticker ticker) {
    this.admin = admin;
    this.ticker = ticker;
  }

  /// Returns when none is left, or one cannot be ended.
  ///
  /// @param stop time from SIGTERM to SIGKILL
  void end(Duration stop) {
    List<Integer> left = find();
    if (left.isEmpty()) {
      return;
    }
    LOG.warn("the supervisor before was killed; stopping the processes that it left: {}", left);
    if (!ends(left, Signal.TERM, stop) && !ends(find(), Signal.KILL, KILLED)) {
      LOG.error("these cannot be ended: {}", find());
    }
  }

  private boolean ends(List<Integer> processes, Signal signal, Duration limit) {
    for (int pid : processes) {
      try {
        Libc.kill(pid, signal);
      } catch (PosixException e) {
        LOG.debug("SIG{} did not reach pid {}", signal, pid, e);
      }
    }
    long begunNanos = ticker.nanos();
    while (!find().isEmpty()) {
      if (ticker.nanos() - begunNanos > limit.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return true;
  }

  private List<Integer> find() {
    return ProcessHandle.allProcesses()
        .mapToInt(process -> Math.toIntExact(process.pid()))
        .filter(this::isOrphan)
        .boxed()
        .toList();
  }

  /// What has ended and waits to be reaped has no environment any more.
  private boolean isOrphan(int pid) {
    String all;
    try {
      Path environment = Path.of("/proc", Integer.toString(pid), "environ");
      all = new String(Files.readAllBytes(environment), StandardCharsets.UTF_8);
    } catch (IOException e) {
      // It is gone, or another user's.
      return false;
    }
    for (String each : all.split("\0")) {
      if (each.startsWith(VARIABLE + "=")) {
        return NotifyDirectory.isLeft(admin, Path.of(each.substring(VARIABLE.length() + 1)));
      }
    }
    return false;
  }
}
