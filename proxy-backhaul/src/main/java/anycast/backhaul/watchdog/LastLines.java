package anycast.backhaul.watchdog;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.LoggerFactory;

/// The last lines of the log, in memory: what a stuck terminal or a full queue never wrote.
///
/// **Threading.** Any thread adds, event loops too: nobody waits. Lines that are added while others
/// are read may be missing among them. **Limits.** [#LINES] of [#MAX_CHARS].
final class LastLines extends UnsynchronizedAppenderBase<ILoggingEvent> implements AutoCloseable {
  /// What a proxy says in some minutes; at most 256 KiB with their texts.
  static final int LINES = 256;

  static final int MAX_CHARS = 512;

  private final AtomicReferenceArray<String> ring = new AtomicReferenceArray<>(LINES);
  private final AtomicLong added = new AtomicLong();

  /// Listens to the log of this process from now on; hears nothing where that is not logback's.
  static LastLines listen() {
    LastLines lines = new LastLines();
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
      lines.setContext(log);
      lines.setName("LAST");
      lines.start();
      log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(lines);
    }
    return lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    line.append(Instant.ofEpochMilli(event.getTimeStamp()))
        .append(' ')
        .append(event.getLevel())
        .append(' ')
        .append(event.getLoggerName())
        .append(" [")
        .append(event.getThreadName())
        .append("] ")
        .append(event.getFormattedMessage());
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      line.append(' ').append(thrown.getClassName()).append(": ").append(thrown.getMessage());
    }
    int length = Math.min(line.length(), MAX_CHARS);
    String cut = line.substring(0, length).replace('\n', ' ').replace('\r', ' ');
    ring.setRelease((int) (added.getAndIncrement() % LINES), cut);
  }

  /// Oldest first.
  List<String> lines() {
    List<String> lines = new ArrayList<>(LINES);
    long end = added.get();
    for (long i = Math.max(0, end - LINES); i < end; i++) {
      String line = ring.getAcquire((int) (i % LINES));
      if (line != null) {
        lines.add(line);
      }
    }
    return lines;
  }

  @Override
  public void close() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
      log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).detachAppender(this);
    }
    stop();
  }
}
