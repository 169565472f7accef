package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.exchange.AccessLog;
import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the processes log with, as opposed to the tests.
class LogConfigurationTest {
  private final LoggerContext log = new LoggerContext();

  @BeforeEach
  void configure() throws Exception {
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(log);
    configurator.doConfigure(LogConfigurationTest.class.getResource("/logback.xml"));
  }

  @AfterEach
  void stop() {
    log.stop();
  }

  @Test
  void noLineMakesAnEventLoopWait() {
    List<AsyncAppender> queues = new ArrayList<>();
    for (Logger logger : log.getLoggerList()) {
      logger
          .iteratorForAppenders()
          .forEachRemaining(appender ->
              queues.add(assertInstanceOf(AsyncAppender.class, appender, logger.getName())));
    }
    assertEquals(2, queues.size());
    queues.forEach(queue -> assertTrue(queue.isNeverBlock(), queue.getName()));
  }

  @Test
  void exchangesHaveAQueueOfTheirOwn() {
    Logger access = log.exists(AccessLog.LOGGER);
    assertNotNull(access);
    assertTrue(access.iteratorForAppenders().hasNext());
  }
}
