package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.runtime.AdminAnswer;
import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real loops, watched; nothing is ended.
class GuardTest {
  @TempDir private Path directory;
  private EventLoops loops;
  private Counters counters;
  private Vitals vitals;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch hold = new CountDownLatch(1);

  @BeforeEach
  void open() {
    loops = EventLoops.start("guarded", Transport.NIO, 2);
    counters = new Counters(loops.loops());
    VitalsConfig usual = VitalsConfig.STANDARD;
    VitalsConfig config =
        new VitalsConfig(
            Optional.of(directory),
            VitalsConfig.Action.LOG,
            usual.sample(),
            usual.sample(),
            usual.dump(),
            usual.endOne(),
            usual.endHalf(),
            Duration.ZERO);
    vitals = Vitals.open(config, "edge-1", loops, counters, InstantSource.system());
  }

  @AfterEach
  void close() throws Exception {
    hold.countDown();
    stopped.countDown();
    vitals.close();
    loops.stop(Duration.ofSeconds(30));
  }

  @Test
  void loopsThatAreWellAreWell() throws Exception {
    await(() -> view().threads().stream().allMatch(each -> each.beats() >= 4));
    assertEquals(List.of(), vitals.reasons());
    assertTrue(vitals.well());
    assertEquals("log", view().action());
    assertTrue(view().threads().getFirst().name().startsWith("guarded-"));
  }

  @Test
  void aLoopThatWaitsIsAReasonUntilItGoesOn() throws Exception {
    loops.loops().getFirst().execute(this::waits);
    await(() -> !vitals.reasons().isEmpty() && !view().threads().getFirst().sample().isEmpty());
    WatchdogView.Row stuck = view().threads().getFirst();
    assertEquals("waits", stuck.state());
    assertEquals(1, stuck.stalls());
    assertTrue(
        stuck.sample().stream().anyMatch(frame -> frame.contains("GuardTest.waits(")),
        stuck.sample().toString());
    assertTrue(vitals.reasons().getFirst().startsWith(stuck.name() + " has not come round for "));
    String metrics = metrics();
    assertTrue(metrics.contains("anycast_watchdog_stalls_total{thread=\"loop\"} 1.0"), metrics);
    assertTrue(
        metrics.contains("anycast_watchdog_blame_seconds{thread=\"" + stuck.name() + "\"}"),
        metrics);

    hold.countDown();
    await(() -> vitals.reasons().isEmpty() && vitals.well());
    assertTrue(view().threads().getFirst().lastStallMs() >= 450);
  }

  @Test
  void theAdminSocketIsWatchedByTheNameOfItsTask() throws Exception {
    try (AdminServer admin = AdminServer.start(directory.resolve("admin.sock"), Map.of())) {
      vitals.watch("admin", admin.thread(), admin.progress());
      await(() -> view().threads().size() == 3 && view().threads().get(2).beats() >= 4);
      assertEquals("other", view().threads().get(2).kind());
    }
    // Its thread has ended: nobody holds its silence against it.
    await(() -> view().threads().get(2).state().equals("well"));
    assertEquals(List.of(), vitals.reasons());
  }

  private void waits() {
    try {
      assertTrue(hold.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private WatchdogView view() {
    try {
      return (WatchdogView) vitals.pages().get("/watchdog").answer(Map.of());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String metrics() {
    try {
      return ((AdminAnswer.Text) counters.metrics().answer(Map.of())).body();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void await(BooleanSupplier wanted) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!wanted.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadlineNanos, "did not come about");
      assertFalse(stopped.await(10, TimeUnit.MILLISECONDS));
    }
  }
}
