package anycast.backhaul.watchdog;

import anycast.backhaul.posix.Task;
import anycast.routing.time.Progress;

/// A thread that does what a test says.
final class FakeThread implements Sense {
  final Progress progress = new Progress();
  final Watched watched;
  long cpuNanos;
  long armedNanos;
  Task.State state = Task.State.BLOCKED;

  /// @param loop its place among the loops; -1 for another thread
  FakeThread(String name, int loop) {
    watched = new Watched(name, Thread.currentThread(), progress, this, loop);
  }

  static FakeThread loop(int index) {
    return new FakeThread("loop-" + index, index);
  }

  @Override
  public long cpuNanos() {
    return cpuNanos;
  }

  @Override
  public Task.State state() {
    return state;
  }

  @Override
  public void endAfterCpu(long nanos) {
    armedNanos = nanos;
  }

  @Override
  public void close() {
    // Nothing was opened.
  }
}
