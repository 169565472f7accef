package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Task;

/// What the kernel says of one watched thread.
///
/// **Threading.** The watchdog. Answers at once and allocates nothing.
interface Sense extends AutoCloseable {
  /// CPU time that the thread has used; never goes back.
  long cpuNanos();

  Task.State state();

  /// Has the kernel end the process should the thread use that much more CPU time while the
  /// watchdog cannot run; 0 = not at all.
  void endAfterCpu(long nanos);

  @Override
  void close();

  /// A thread of this process.
  static Sense of(Task task) {
    return new Sense() {
      private boolean refused;

      @Override
      public long cpuNanos() {
        return task.cpuNanos();
      }

      @Override
      public Task.State state() {
        return task.state();
      }

      @Override
      public void endAfterCpu(long nanos) {
        try {
          if (!refused) {
            task.endAfterCpu(nanos);
          }
        } catch (java.io.IOException e) {
          // The kernel has no timer for us: what cannot be ended from inside is ended from outside.
          refused = true;
        }
      }

      @Override
      public void close() {
        task.close();
      }
    };
  }

  /// A thread whose number nobody knows: it counts as blocked, so that time alone speaks.
  static Sense none(Thread thread) {
    return new Sense() {
      @Override
      public long cpuNanos() {
        return 0;
      }

      @Override
      public Task.State state() {
        return thread.isAlive() ? Task.State.BLOCKED : Task.State.GONE;
      }

      @Override
      public void endAfterCpu(long nanos) {
        // There is no clock to watch.
      }

      @Override
      public void close() {
        // Nothing was opened.
      }
    };
  }
}
