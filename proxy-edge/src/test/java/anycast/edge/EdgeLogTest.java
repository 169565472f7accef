package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/// What hostile clients can make the edge write down.
@Timeout(60)
class EdgeLogTest {
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Level level = root.getLevel();
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
        }
      };
  private EdgeFixture fixture;

  @BeforeEach
  void start() throws Exception {
    appender.start();
    root.setLevel(Level.INFO);
    root.addAppender(appender);
    fixture = new EdgeFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
    root.detachAppender(appender);
    root.setLevel(level);
  }

  @Test
  void writesOneEscapedLineForAnExchange() throws Exception {
    try (H2Client client = new H2Client(fixture, "a.test")) {
      client.get("GET", "a.test", "/x\"status=200").body();
    }
    String line = exchangeLine();
    assertTrue(line.contains("path=\"/x\\\"status=200\""), line);
    assertTrue(line.contains("instance=hello-1"), line);
    assertTrue(line.contains("status=200"), line);
  }

  @Test
  void writesOneEscapedLineForARefusal() throws Exception {
    try (H2Client client = new H2Client(fixture, "a.test")) {
      client.get("GET", "unrouted.test", "/x\"code=PR01").body();
    }
    String line = exchangeLine();
    assertTrue(line.contains("path=\"/x\\\"code=PR01\""), line);
    assertTrue(line.contains("status=404"), line);
    assertTrue(line.contains("code=PH20"), line);
  }

  /// The line comes a moment after the client has its answer.
  private String exchangeLine() {
    long end = System.nanoTime() + EdgeFixture.PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      for (String line : lines) {
        if (line.contains("path=")) {
          return line;
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no line for the exchange in " + lines);
  }

  @Test
  void neverWritesControlCharacters() throws Exception {
    TlsProbe.of(fixture, new TlsProbe.Offer().name("stranger.test"));
    TlsProbe.of(fixture, new TlsProbe.Offer().applications("h3\r\nforged"));
    try (H2Client client = new H2Client(fixture, "a.test")) {
      client.get("GET", "x\"y.test", "/").status();
      client.get("GET", "a.test", "/%0d%0aforged").body();
    }
    for (String line : lines) {
      assertEquals(line.replaceAll("\\p{Cntrl}", ""), line);
    }
  }
}
