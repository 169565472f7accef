package anycast.backhaul.watchdog;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;

/// What the JVM says of its threads. Each question stops all of them until it is answered, and
/// waits for those that reach no safepoint.
///
/// **Threading.** Any that may wait. **Limits.** [#MAX_FRAMES].
final class Stacks {
  /// Our deepest stacks, in a TLS handshake behind HTTP/2, have 50.
  private static final int MAX_FRAMES = 96;

  private Stacks() {}

  /// Every platform thread: name, state, what it waits for, frames. Who owns which lock of
  /// `java.util.concurrent` is left out: finding that out walks the whole heap.
  static List<String> all() {
    List<String> lines = new ArrayList<>();
    for (ThreadInfo each :
        ManagementFactory.getThreadMXBean().dumpAllThreads(true, false, MAX_FRAMES)) {
      add(lines, each);
    }
    return lines;
  }

  /// Threads that wait for each other for ever, as far as the JVM sees: it does not see a read lock
  /// that is held while the write lock is asked for, nor virtual threads.
  static List<String> deadlocks() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long[] ids = threads.findDeadlockedThreads();
    if (ids == null) {
      return List.of("none that the JVM sees");
    }
    List<String> lines = new ArrayList<>();
    for (ThreadInfo each : threads.getThreadInfo(ids, MAX_FRAMES)) {
      if (each != null) {
        add(lines, each);
      }
    }
    return lines;
  }

  private static void add(List<String> lines, ThreadInfo thread) {
    LockInfo lock = thread.getLockInfo();
    String waits =
        lock == null
            ? ""
            : " waits for "
                + lock
                + (thread.getLockOwnerName() == null
                    ? ""
                    : " held by " + thread.getLockOwnerName());
    lines.add("\"" + thread.getThreadName() + "\" " + thread.getThreadState() + waits);
    for (StackTraceElement frame : thread.getStackTrace()) {
      lines.add("    at " + frame);
    }
    lines.add("");
  }
}
