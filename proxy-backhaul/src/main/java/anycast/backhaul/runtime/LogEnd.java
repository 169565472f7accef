package anycast.backhaul.runtime;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/// The end of the process's log.
///
/// Lines are written by threads of their own, so that no event loop waits for a terminal or a pipe.
/// A process that halts waits for those threads first, or its last words are lost.
public final class LogEnd {
  private LogEnd() {}

  /// Writes what is queued; a second at most for each queue. What is logged later goes nowhere.
  public static void await() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
      log.stop();
    }
  }
}
