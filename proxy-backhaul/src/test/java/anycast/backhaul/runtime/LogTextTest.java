package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LogTextTest {
  @Property
  void anyTextBecomesPrintableAsciiOfBoundedLength(@ForAll String text) {
    String escaped = LogText.escape(text);

    assertTrue(escaped.chars().allMatch(c -> c >= 0x20 && c < 0x7f), escaped);
    assertTrue(escaped.length() <= 6 * LogText.MAX_CHARS + 3, escaped);
    assertEquals(-1, escaped.replace("\\\\", "").replace("\\\"", "").indexOf('"'));
  }

  @Test
  void plainTextStaysTheSameObject() {
    String plain = "GET /index.html?a=b";
    assertSame(plain, LogText.escape(plain));
  }

  @Test
  void whatPeersWouldForgeIsShownAsHexadecimal() {
    assertEquals("a\\x0d\\x0ab", LogText.escape("a\r\nb"));
    assertEquals("\\x1b[31m", LogText.escape("\u001b[31m"));
    assertEquals("\\\"\\\\", LogText.escape("\"\\"));
    assertEquals("\\u202e\\xe9\\x7f", LogText.escape("\u202e\u00e9\u007f"));
    assertEquals("ab...", LogText.escape("abc", 2));
    assertEquals("-", LogText.escape(null));
  }

  @Test
  void loggedEventIsOneLineEvenWithAForgingException() throws Exception {
    LoggerContext context = new LoggerContext();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(LogTextTest.class.getResource("/logback.xml"));
    AsyncAppender queue = (AsyncAppender) context.getLogger("ROOT").getAppender("EVENTS");
    ConsoleAppender<ILoggingEvent> appender =
        (ConsoleAppender<ILoggingEvent>) queue.getAppender("STDERR");
    LoggingEvent event =
        new LoggingEvent(
            "x",
            context.getLogger("access"),
            ch.qos.logback.classic.Level.WARN,
            "first\r\nsecond\u001b[2J",
            new IllegalStateException("third\nfourth\u0085fifth"),
            null);

    String line =
        new String(
            ((PatternLayoutEncoder) appender.getEncoder()).encode(event), StandardCharsets.UTF_8);

    assertEquals(1, line.lines().count(), line);
    assertTrue(
        line.contains("first second?[2J java.lang.IllegalStateException: third fourth"), line);
    assertEquals(line.indexOf("fifth"), line.lastIndexOf("fifth"), "the stack stands twice");
    context.stop();
  }
}
