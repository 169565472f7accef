package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.Counter;
import anycast.backhaul.runtime.Counters;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Inner ring and canary together, as a supervisor sees them; the canary's age in virtual time.
@Timeout(120)
class HeraldTest {
  @TempDir Path folder;
  private final AtomicLong nanos = new AtomicLong();
  private final Counters counters = new Counters(List.of());
  private Supervising supervisor;
  private Herald herald;
  private volatile List<String> inner = List.of();
  private volatile String broken = "";
  private volatile boolean overloaded;
  private volatile boolean outOfTime;
  private volatile int burst;
  private volatile boolean turnedAway;
  private final Semaphore asked = new Semaphore(0);

  private final class Threads implements Herald.Inner {
    @Override
    public boolean well() {
      return inner.isEmpty();
    }

    @Override
    public List<String> reasons() {
      return inner;
    }
  }

  private final class Road implements Canary.Way {
    @Override
    public String name() {
      return "https";
    }

    @Override
    public void go(Duration limit) throws IOException {
      asked.release();
      if (turnedAway) {
        counters.shared().add(Counter.DESCRIPTORS_SHORT);
        throw new IOException("no answer");
      }
      if (burst > 0) {
        counters.shared().add(Counter.EXCHANGES_BEGUN, burst);
        throw new IOException("no answer");
      }
      if (overloaded) {
        counters.shared().add(Counter.EXCHANGES_ENDED, 1);
        throw new IOException("no answer");
      }
      if (outOfTime) {
        throw new IOException("handshake", new IOException(new CertificateNotYetValidException()));
      }
      if (!broken.isEmpty()) {
        throw new IOException(broken);
      }
      nanos.addAndGet(Duration.ofMillis(2).toNanos());
    }
  }

  @BeforeEach
  void open() throws Exception {
    supervisor = new Supervising(folder);
    Map<String, String> environment =
        Map.of("NOTIFY_SOCKET", supervisor.path(), "WATCHDOG_USEC", "200000");
    herald = Herald.open(new Threads(), environment, 1, counters, nanos::get);
  }

  @AfterEach
  void close() throws Exception {
    herald.close();
    supervisor.close();
  }

  private void serve() throws Exception {
    herald.canary(List.of(new Road()));
    herald.ready();
    supervisor.until("READY=1"::equals);
  }

  @Test
  void isReadyWhenTheFirstCanaryIsBack() throws Exception {
    broken = "nobody accepts";
    herald.canary(List.of(new Road()));
    herald.ready();
    String lost = "STATUS=not ready: no request of its own came back yet (https: nobody accepts)";
    List<List<String>> told = supervisor.until(lost::equals);
    told.forEach(each -> assertFalse(each.contains("READY=1"), each.toString()));
    assertFalse(herald.well());
    broken = "";
    assertEquals(
        List.of("READY=1", "WATCHDOG=1", "STATUS=serving, 0 exchanges in flight"),
        supervisor.until("READY=1"::equals).getLast());
  }

  @Test
  void isNotReadyBeforeACanaryIsBackHoweverManyOthersGetAnswers() throws Exception {
    overloaded = true;
    herald.canary(List.of(new Road()));
    herald.ready();
    String excused =
        "STATUS=not ready: no request of its own came back yet"
            + " (https: no answer; others get answers)";
    List<List<String>> told = supervisor.until(excused::equals);
    told.add(supervisor.next());
    told.add(supervisor.next());
    told.forEach(each -> assertFalse(each.contains("READY=1"), each.toString()));
    assertTrue(told.getLast().contains("EXTEND_TIMEOUT_USEC=10000000"), told.toString());
    overloaded = false;
    supervisor.until("READY=1"::equals);
  }

  @Test
  void stopsBeatingThreeSecondsAfterTheLastCanary() throws Exception {
    serve();
    broken = "no answer";
    asked.drainPermits();
    asked.acquire();
    nanos.addAndGet(Duration.ofMillis(2_900).toNanos());
    assertTrue(herald.well(), herald.reasons().toString());
    nanos.addAndGet(Duration.ofMillis(200).toNanos());
    assertFalse(herald.well());
    String lost = "STATUS=not ready: no request of its own came back for 3.1 s (https: no answer)";
    supervisor.until(lost::equals);
    assertEquals(3_100, herald.canary().ageNanos() / 1_000_000);
    assertTrue(herald.canary().failures() > 0);
    broken = "";
    assertTrue(
        supervisor.until("WATCHDOG=1"::equals).stream()
            .noneMatch(each -> each.contains("READY=1")));
  }

  @Test
  void beatsOnWhileTheClockSaysThatNoCertificateIsValidAndIsNotReady() throws Exception {
    serve();
    outOfTime = true;
    asked.drainPermits();
    asked.acquire(2);
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    supervisor.until(each ->
        each.startsWith("STATUS=not ready: no request of its own came back for 5.")
            && each.endsWith("(https: handshake; no restart mends a certificate or a clock)"));
    assertFalse(herald.well());
    supervisor.until("WATCHDOG=1"::equals);
  }

  @Test
  void beatsOnWhileOthersGetAnswersForAMinuteAndIsNotReady() throws Exception {
    serve();
    overloaded = true;
    asked.drainPermits();
    asked.acquire(2);
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    supervisor.until(each ->
        each.startsWith("STATUS=not ready: no request of its own came back for 5.")
            && each.endsWith("(https: no answer; others get answers)"));
    assertFalse(herald.well());
    supervisor.until("WATCHDOG=1"::equals);
    nanos.addAndGet(Duration.ofSeconds(57).toNanos());
    asked.drainPermits();
    asked.acquire(2);
    String lost = "STATUS=not ready: no request of its own came back for 62.";
    List<List<String>> told = supervisor.until(each -> each.startsWith(lost));
    assertFalse(told.getLast().contains("WATCHDOG=1"), told.toString());
    overloaded = false;
    supervisor.until("WATCHDOG=1"::equals);
  }

  @Test
  void beatsOnWhileManyComeInAtOnce() throws Exception {
    serve();
    burst = 20;
    asked.drainPermits();
    asked.acquire(2);
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    supervisor.until(each -> each.endsWith("(https: no answer; so many came in meanwhile: 20)"));
    assertFalse(herald.well());
    supervisor.until("WATCHDOG=1"::equals);
  }

  @Test
  void beatsOnAsLongAsNoDescriptorsAreLeftForClients() throws Exception {
    serve();
    turnedAway = true;
    for (String seconds : List.of("70", "140")) {
      asked.drainPermits();
      asked.acquire(2);
      nanos.addAndGet(Duration.ofSeconds(70).toNanos());
      asked.drainPermits();
      asked.acquire(2);
      supervisor.until(each ->
          each.startsWith("STATUS=not ready: no request of its own came back for " + seconds)
              && each.endsWith("(https: no answer; the process is out of file descriptors)"));
      supervisor.until("WATCHDOG=1"::equals);
    }
    turnedAway = false;
    supervisor.until(each -> each.startsWith("STATUS=serving"));
  }

  @Test
  void stopsBeatingWhileAThreadIsStalled() throws Exception {
    serve();
    inner = List.of("loop-1 stalled for 2.1 s");
    assertEquals(
        1, supervisor.until("STATUS=not ready: loop-1 stalled for 2.1 s"::equals).getLast().size());
    assertFalse(herald.well());
    inner = List.of();
    supervisor.until("WATCHDOG=1"::equals);
  }

  @Test
  void saysInWordsWhatItDoes() throws Exception {
    supervisor.until("STATUS=starting"::equals);
    serve();
    counters.shared().add(Counter.EXCHANGES_BEGUN, 1_204);
    supervisor.until("STATUS=serving, 1,204 exchanges in flight"::equals);
    herald.stopping(Duration.ofMinutes(1));
    supervisor.until("STATUS=stopping, 1,204 exchanges in flight"::equals);
  }

  @Test
  void wantsNoCanaryWhileItStops() throws Exception {
    serve();
    herald.stopping(Duration.ofMinutes(1));
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertTrue(herald.well(), herald.reasons().toString());
    supervisor.until("STOPPING=1"::equals);
    supervisor.until("WATCHDOG=1"::equals);
  }
}
