package anycast.routing.feed;

import static anycast.routing.feed.CoreRig.APPS;
import static anycast.routing.feed.CoreRig.apps;
import static anycast.routing.feed.CoreRig.row;
import static anycast.routing.feed.CoreRig.together;
import static org.junit.jupiter.api.Assertions.assertEquals;

import anycast.routing.feed.SourceEvent.Kind;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// What an edge writes down of its state, at the level that it runs at.
final class StateLogTest {
  private static final Object[][] GARBLED = {row("bad name", 1L), row("other bad", 1L)};

  private final Logger log = (Logger) LoggerFactory.getLogger(StateLog.class.getPackageName());
  private final Level level = log.getLevel();
  private final List<String> lines = new ArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getLevel() + " " + event.getFormattedMessage());
        }
      };
  private final CoreRig rig = new CoreRig(APPS);

  @BeforeEach
  void listen() {
    appender.start();
    log.setLevel(Level.INFO);
    log.addAppender(appender);
  }

  @AfterEach
  void leave() {
    log.detachAppender(appender);
    log.setLevel(level);
  }

  @Test
  void rowThatCannotBeUsedIsToldOnceAndNotAtEachReconnect() {
    rig.snapshot(APPS, together(apps(1, 2, 1), GARBLED));
    assertEquals(2, lines.size(), lines::toString);
    assertEquals("INFO state is followed: 1 tables, 2 rows", lines.getFirst());
    lines.clear();
    for (int i = 0; i < 5; i++) {
      rig.lose(APPS);
      rig.snapshot(APPS, together(apps(1, 2, 1), GARBLED));
    }
    assertEquals(10, lines.size(), "a loss and a return each, and nothing of the rows: " + lines);
    assertEquals(List.of(), lines.stream().filter(line -> line.contains("used")).toList());
  }

  @Test
  void rowThatAChangeGarblesIsNamed() {
    rig.snapshot(APPS, apps(1, 2, 1));
    lines.clear();
    rig.change(APPS, Kind.UPDATE, 1, 2, "app2", "nonsense");
    assertEquals(1, lines.size(), lines::toString);
    String line = lines.getFirst();
    assertEquals(
        "WARN 1 row of state cannot be used, proxyctl state names it: one/apps app2: ",
        line.substring(0, line.indexOf("app2: ") + 6));
    assertEquals("the version before it serves", line.substring(line.lastIndexOf(", ") + 2), line);
  }

  @Test
  void flowOfThemCostsALineForEachDoubling() {
    rig.snapshot(APPS, apps(1, 1000, 1));
    lines.clear();
    for (int i = 1; i <= 1000; i++) {
      rig.change(APPS, Kind.UPDATE, i, i, "app" + i, "nonsense");
    }
    assertEquals(10, lines.size(), lines::toString);
  }

  @Test
  void snapshotThatWasAskedForIsNoLossOfState() {
    rig.snapshot(APPS, apps(1, 2, 1));
    lines.clear();
    rig.core.resync(APPS, rig.now());
    rig.lose(APPS);
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(
        List.of("INFO one/apps: a snapshot is taken anew, an operator asked for it"), lines);
    lines.clear();
    rig.lose(APPS);
    rig.snapshot(APPS, apps(1, 2, 1));
    assertEquals(2, lines.size(), "a loss and a return: " + lines);
  }
}
