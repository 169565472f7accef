package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Task;
import anycast.backhaul.posix.Task.State;
import anycast.routing.time.Progress;
import anycast.routing.time.Ticker;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the watchdog asks for when, under virtual time. It ends nothing here.
class WatchdogTest {
  private static final long MS = 1_000_000L;

  private long nowNanos;
  private final FakeThread first = FakeThread.loop(0);
  private final FakeThread second = FakeThread.loop(1);
  private final FakeThread third = FakeThread.loop(2);
  private final Watched[] loops = {first.watched, second.watched, third.watched};
  private final Ticker ticker = () -> nowNanos;
  private final Watchdog.Ages ages = Watchdog.Ages.of(VitalsConfig.STANDARD, false, 1000 * MS);
  private final Flight flight =
      Flight.open(Optional.empty(), "test", 3, ticker, InstantSource.system());
  private final Errands errands = errands();
  private final Watchdog watchdog = new Watchdog(ages, loops, flight, errands, () -> 0, ticker);

  @Test
  void aStallIsCountedAndUnwellAtHalfASecondAndMarkedAtTwo() {
    run(500, second, third);
    assertEquals(0, first.watched.stalls());
    assertTrue(watchdog.well());
    run(50, second, third);
    assertEquals(1, first.watched.stalls());
    assertFalse(watchdog.well());
    run(1450, second, third);
    assertFalse(flight.loop(0).read().stuck());
    run(50, second, third);
    assertTrue(flight.loop(0).read().stuck());
    assertFalse(flight.loop(1).read().stuck());
  }

  @Test
  void whoeverComesRoundIsMarkedNoMore() {
    run(3000, second, third);
    assertTrue(flight.loop(0).read().stuck());
    run(50, first, second, third);
    assertFalse(flight.loop(0).read().stuck());
    assertTrue(watchdog.well());
    assertTrue(first.watched.lastStallNanos() >= 2900 * MS);
  }

  @Test
  void theEndIsAskedForAtFiveSecondsOfOneLoopAndAnythingOfJitter() {
    run(6000, second, third);
    assertFalse(errands.endAsked());
    run(100, second, third);
    assertTrue(errands.endAsked());
  }

  @Test
  void theEndIsAskedForAtThreeSecondsOfHalfOfTheLoops() {
    run(4000, third);
    assertFalse(errands.endAsked());
    run(100, third);
    assertTrue(errands.endAsked());
  }

  @Test
  void theEndIsTakenBackWhenTheStallIsOver() {
    run(7000, second, third);
    assertTrue(errands.endAsked());
    run(50, first, second, third);
    assertFalse(errands.endAsked());
  }

  @Test
  void anotherThreadIsToldLaterAndEndsNothing() {
    FakeThread follower = new FakeThread("feed-follower", -1);
    watchdog.watch(follower.watched);
    run(1900, first, second, third);
    assertEquals(0, follower.watched.stalls());
    run(30_000, first, second, third);
    assertEquals(1, follower.watched.stalls());
    assertTrue(watchdog.well());
    assertFalse(errands.endAsked());
  }

  @Test
  void aThreadOfTheSameNameTakesThePlaceOfTheFirst() {
    watchdog.watch(new FakeThread("compiler", -1).watched);
    run(50);
    FakeThread fresh = new FakeThread("compiler", -1);
    watchdog.watch(fresh.watched);
    run(50);
    assertEquals(4, watchdog.threads().length);
    assertEquals(fresh.watched, watchdog.threads()[3]);
  }

  @Test
  void aWatchdogThatDoesNotLookSaysNothingGood() {
    run(50, first, second, third);
    nowNanos += 1100 * MS;
    assertFalse(watchdog.well());
  }

  @Test
  void theFlightFileHasTheTimeOfTheLastLook(@TempDir Path directory) {
    Flight kept = Flight.open(Optional.of(directory), "test", 0, ticker, InstantSource.system());
    Watchdog dog = new Watchdog(ages, new Watched[0], kept, errands, () -> 0, ticker);
    nowNanos += 12_345 * MS;
    dog.tick();
    kept.close();
    FlightFile.Read read = FlightFile.read(directory.resolve(Flight.FILE));
    assertEquals(12_345 * MS, ((FlightFile.Read.Flight) read).file().head().tickNanos());
  }

  /// On a thread of the kernel's, with the real clocks.
  @Test
  void aLookAllocatesNothing() throws Exception {
    Task task = Task.of(Task.current());
    Watched self = new Watched("test", Thread.currentThread(), new Progress(), Sense.of(task), 0);
    Watchdog dog =
        new Watchdog(
            ages, new Watched[] {self}, flight, errands, task::suspendedNanos, Ticker.system());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    long least = Long.MAX_VALUE;
    // The JVM allocates for itself while it compiles; a look that allocates does so in each round.
    for (int round = 0; round < 10; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      look(dog, self, 2000);
      least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
    }
    // One object in each look would be 32,000.
    assertTrue(least < 1000, least + " bytes in 2000 looks");
    self.sense.close();
  }

  private static void look(Watchdog dog, Watched self, int times) {
    for (int i = 0; i < times; i++) {
      if (i % 5 == 0) {
        self.progress.beat();
      }
      dog.tick();
    }
  }

  @Test
  void theKernelsWordOnAThreadIsUnderstood() throws Exception {
    try (Task task = Task.of(Task.current())) {
      assertEquals(State.RUNNABLE, task.state());
      long before = task.cpuNanos();
      assertTrue(before > 0);
      while (task.cpuNanos() == before) {
        Thread.onSpinWait();
      }
      assertTrue(task.suspendedNanos() >= -MS);
    }
    CompletableFuture<Task> other = new CompletableFuture<>();
    Thread ended =
        Thread.ofPlatform()
            .start(() -> {
              try {
                other.complete(Task.of(Task.current()));
              } catch (IOException e) {
                other.completeExceptionally(e);
              }
            });
    try (Task task = other.get()) {
      ended.join();
      // The JVM's part of the thread ends a moment before the kernel's.
      while (task.state() != State.GONE) {
        Thread.onSpinWait();
      }
    }
  }

  private Errands errands() {
    return new Errands(() -> loops, Optional.empty(), Optional.empty(), ages, ticker);
  }

  /// Lets time pass; only these threads come round.
  private void run(long millis, FakeThread... well) {
    for (long i = 0; i < millis; i += 50) {
      nowNanos += 50 * MS;
      for (FakeThread each : well) {
        each.progress.beat();
      }
      watchdog.tick();
    }
  }
}
