package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is told to a real socket. Each turn has a status of its own, so that no turn is silent.
@Timeout(120)
class NotifierTest {
  private static final long PID = 4711;
  private static final String EXTEND = "EXTEND_TIMEOUT_USEC=10000000";

  @TempDir Path folder;
  private Supervising supervisor;
  private volatile boolean well = true;
  private volatile boolean serves = true;

  @BeforeEach
  void listen() throws Exception {
    supervisor = new Supervising(folder);
  }

  @AfterEach
  void stop() throws Exception {
    supervisor.close();
  }

  private final class Told implements Notifier.Told {
    private final AtomicInteger turns = new AtomicInteger();

    @Override
    public boolean well() {
      return well;
    }

    @Override
    public boolean serves() {
      return serves;
    }

    @Override
    public String status() {
      return "turn " + turns.incrementAndGet() + (well ? "" : " unwell");
    }
  }

  private Notifier open(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("NOTIFY_SOCKET", supervisor.path());
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return Notifier.open(environment, PID, new Told(), Ticker.system());
  }

  @Test
  void tellsStartReadinessLifeAndStop() throws Exception {
    try (Notifier notifier = open("WATCHDOG_USEC", "40000", "WATCHDOG_PID", "4711")) {
      assertEquals(List.of(EXTEND, "STATUS=turn 1"), supervisor.next());
      notifier.ready();
      List<List<String>> starting = supervisor.until("READY=1"::equals);
      assertTrue(starting.getLast().contains("WATCHDOG=1"), starting.toString());
      starting.removeLast();
      starting.forEach(each -> assertFalse(each.contains("WATCHDOG=1"), each.toString()));
      List<List<String>> serving = supervisor.until("WATCHDOG=1"::equals);
      assertFalse(serving.getLast().contains("READY=1"), serving.toString());
      assertFalse(serving.getLast().contains(EXTEND), serving.toString());
      notifier.stopping(Duration.ofHours(1));
      List<String> stopping = supervisor.until("STOPPING=1"::equals).getLast();
      assertTrue(stopping.contains(EXTEND), stopping.toString());
      List<String> later = supervisor.next();
      assertTrue(later.contains(EXTEND) && later.contains("WATCHDOG=1"), later.toString());
      assertFalse(later.contains("STOPPING=1"), later.toString());
    }
  }

  @Test
  void noBeatLeavesWhileTheProcessIsUnwell() throws Exception {
    try (Notifier notifier = open("WATCHDOG_USEC", "40000")) {
      well = false;
      notifier.ready();
      // not even that it is ready, and nobody is asked for more time
      supervisor.until(line -> line.endsWith("unwell"));
      for (int i = 0; i < 5; i++) {
        assertEquals(1, supervisor.next().size());
      }
      well = true;
      supervisor.until("READY=1"::equals);
      supervisor.until("WATCHDOG=1"::equals);
      well = false;
      supervisor.until(line -> line.endsWith("unwell"));
      for (int i = 0; i < 5; i++) {
        assertEquals(1, supervisor.next().size());
      }
    }
  }

  @Test
  void asksForMoreTimeUntilItHasShownThatItServes() throws Exception {
    serves = false;
    try (Notifier notifier = open("WATCHDOG_USEC", "40000")) {
      notifier.ready();
      supervisor.until("WATCHDOG=1"::equals);
      for (int i = 0; i < 5; i++) {
        List<String> told = supervisor.next();
        assertTrue(told.contains(EXTEND) && !told.contains("READY=1"), told.toString());
      }
      serves = true;
      supervisor.until("READY=1"::equals);
    }
  }

  @Test
  void asksForMoreTimeAtTheEndOnlyAsLongAsTheDrainMayTake() throws Exception {
    try (Notifier notifier = open("WATCHDOG_USEC", "40000")) {
      notifier.stopping(Duration.ZERO);
      List<String> stopping = supervisor.until("STOPPING=1"::equals).getLast();
      assertFalse(stopping.contains(EXTEND), stopping.toString());
      assertFalse(supervisor.next().contains(EXTEND));
    }
  }

  @Test
  void beatsOnlyForItself() throws Exception {
    try (Notifier notifier = open("WATCHDOG_USEC", "40000", "WATCHDOG_PID", "4712")) {
      notifier.ready();
      List<List<String>> told = supervisor.until("READY=1"::equals);
      told.add(supervisor.next());
      told.forEach(each -> assertFalse(each.contains("WATCHDOG=1"), each.toString()));
    }
  }

  @Test
  void tellsNobodyWhereNobodyAsked() throws Exception {
    try (Notifier notifier = Notifier.open(Map.of(), PID, new Told(), Ticker.system())) {
      notifier.ready();
      notifier.stopping(Duration.ZERO);
    }
    assertTrue(supervisor.isSilent());
  }

  @Test
  void tellsAgainWhenTheSocketIsBack() throws Exception {
    Supervising first = supervisor;
    try (Notifier notifier = open("WATCHDOG_USEC", "40000")) {
      first.next();
      first.close();
      notifier.ready();
      supervisor = new Supervising(folder);
      supervisor.until("READY=1"::equals);
    }
  }

  @Property(tries = 300)
  void noVariableKeepsAProcessFromStarting(
      @ForAll String socket, @ForAll String interval, @ForAll String owner) {
    Map<String, String> environment =
        Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", interval, "WATCHDOG_PID", owner);
    Notifier.Told nobody =
        new Notifier.Told() {
          @Override
          public boolean well() {
            return true;
          }

          @Override
          public boolean serves() {
            return true;
          }

          @Override
          public String status() {
            return "";
          }
        };
    Notifier.open(environment, PID, nobody, Ticker.system()).close();
  }
}
