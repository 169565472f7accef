package anycast.routing.time;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// How often one thread has come round: what a watchdog reads to tell work from a stall.
///
/// **Threading.** [#beat] by its one thread; [#count] by any. No fence: the reader is late by
/// nanoseconds and looks again in milliseconds.
public final class Progress {
  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(Progress.class, "count", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long count;

  /// The thread came round once more.
  public void beat() {
    COUNT.setOpaque(this, count + 1);
  }

  public long count() {
    return (long) COUNT.getOpaque(this);
  }
}
