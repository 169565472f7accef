package anycast.ctl.supervise;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Empties large logs, away from the supervisor's thread: a disk may be slow, beats may not.
///
/// **Threading.** One thread looks; one of its own does it.
final class LogRotation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);

  /// One look may wait while one is done; a third finds what the second will have done.
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(1),
          Thread.ofPlatform().daemon().name("log-rotation").factory(),
          new ThreadPoolExecutor.DiscardPolicy());

  void look(List<LogFile> logs) {
    thread.execute(() -> logs.forEach(LogRotation::rotate));
  }

  private static void rotate(LogFile log) {
    try {
      if (log.rotate()) {
        LOG.info("{} was large, and goes on in an empty file", log.path());
      }
    } catch (IOException e) {
      LOG.warn("{} grows on: it cannot be emptied", log.path(), e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
