package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Task.State;
import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class JudgeTest {
  private static final long MS = 1_000_000L;
  private static final long STALL_NANOS = 500 * MS;

  private final FakeThread loop = FakeThread.loop(0);
  private final Watched[] threads = {loop.watched};
  private final Judge judge = new Judge(0, 0);
  private long nowNanos;
  private long suspendedNanos;

  @Test
  void aLoopThatSpinsIsBlamedForItsCpuTime() {
    loop.state = State.RUNNABLE;
    for (int i = 0; i < 100; i++) {
      loop.cpuNanos += 50 * MS;
      tick(50);
    }
    assertEquals(Duration.ofSeconds(5), blame());
    assertEquals(0, loop.watched.starvedNanos());
  }

  @Test
  void aLoopThatIsBlockedIsBlamedFromItsSecondLookOn() {
    for (int i = 0; i < 101; i++) {
      tick(50);
    }
    assertEquals(Duration.ofSeconds(5), blame());
  }

  @Test
  void aBeatForgivesEverything() {
    for (int i = 0; i < 20; i++) {
      tick(50);
    }
    loop.progress.beat();
    tick(50);
    assertEquals(Duration.ZERO, blame());
    assertEquals(0, loop.watched.ageNanos());
  }

  @Test
  void aLoopThatGetsNoCpuIsStarvedAndNotBlamed() {
    loop.state = State.RUNNABLE;
    for (int i = 0; i < 100; i++) {
      loop.cpuNanos += MS;
      tick(50);
    }
    assertEquals(Duration.ofMillis(100), blame());
    assertEquals(4900 * MS, loop.watched.starvedNanos());
    assertEquals(5000 * MS, loop.watched.ageNanos());
  }

  @Test
  void aLoopThatASignalHasStoppedIsNotBlamed() {
    loop.state = State.STOPPED;
    for (int i = 0; i < 100; i++) {
      tick(50);
    }
    assertEquals(Duration.ZERO, blame());
  }

  @Test
  void aPauseOfTheWatchdogCountsForNobody() {
    tick(50);
    tick(50);
    tick(3000);
    assertEquals(Duration.ofMillis(50), blame());
    assertEquals(1, judge.lateTicks());
    assertEquals(2900 * MS, judge.lostNanos());
    // Whether it was blocked all the while nobody knows: it begins anew.
    tick(50);
    assertEquals(Duration.ofMillis(50), blame());
  }

  @Test
  void aTickThatIsALittleLateCountsAsOne() {
    tick(50);
    for (int i = 0; i < 10; i++) {
      tick(240);
    }
    assertEquals(Duration.ofSeconds(1), blame());
    assertEquals(0, judge.lateTicks());
  }

  @Test
  void aSuspensionResetsEveryone() {
    for (int i = 0; i < 50; i++) {
      tick(50);
    }
    suspendedNanos += 3600_000 * MS;
    tick(50);
    assertEquals(Duration.ZERO, blame());
  }

  @Test
  void aThreadThatHasEndedIsNotBlamed() {
    loop.state = State.GONE;
    for (int i = 0; i < 100; i++) {
      tick(50);
    }
    assertEquals(Duration.ZERO, blame());
  }

  /// A loop sleeps, works up to 100 ms, and beats every 250 ms, on a machine that stops all
  /// threads, or this one, or the watchdog, and is suspended, for up to three seconds each, again
  /// and again.
  @Property(tries = 400)
  void aLoopThatIsWellIsNeverBlamedWhateverTheMachineDoes(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3000) int longest) {
    new Machine(new SplittableRandom(seed), longest).run(20_000);
  }

  /// A millisecond at a time.
  private static final class Machine {
    private final SplittableRandom random;
    private final int longest;
    private final FakeThread loop = FakeThread.loop(0);
    private final Watched[] threads = {loop.watched};
    private final Judge judge = new Judge(0, 0);
    private long now;
    private long suspended;
    private long pausedUntil;
    private long starvedUntil;
    private long stoppedUntil;
    private long blindUntil;
    private long lookAt = 50;
    private long beatAt = 250;
    private long work;

    Machine(SplittableRandom random, int longest) {
      this.random = random;
      this.longest = longest;
    }

    void run(int millis) {
      for (int i = 0; i < millis; i++) {
        now++;
        disturb();
        if (now < pausedUntil) {
          continue;
        }
        if (random.nextBoolean()) {
          work();
          look();
        } else {
          look();
          work();
        }
      }
    }

    private void disturb() {
      if (random.nextInt(100) != 0) {
        return;
      }
      long until = now + random.nextInt(longest);
      switch (random.nextInt(5)) {
        case 0 -> pausedUntil = until;
        case 1 -> starvedUntil = until;
        case 2 -> stoppedUntil = until;
        case 3 -> blindUntil = until;
        default -> suspended += random.nextInt(10 * longest);
      }
    }

    private void work() {
      if (now < stoppedUntil) {
        loop.state = State.STOPPED;
        return;
      }
      if (work == 0 && random.nextInt(50) == 0) {
        work = random.nextInt(100);
      }
      boolean runs = work > 0 || now >= beatAt;
      loop.state = runs ? State.RUNNABLE : State.BLOCKED;
      if (!runs || now < starvedUntil) {
        return;
      }
      loop.cpuNanos += MS;
      work = Math.max(0, work - 1);
      if (work == 0 && now >= beatAt) {
        loop.progress.beat();
        beatAt = now + 250;
      }
    }

    private void look() {
      if (now >= lookAt && now >= blindUntil) {
        judge.tick(now * MS, suspended * MS, threads);
        lookAt = now + 50;
        assertTrue(
            loop.watched.blameNanos() < STALL_NANOS,
            () -> "blamed for " + loop.watched.blameNanos() / MS + " ms");
      }
    }
  }

  private void tick(long millis) {
    nowNanos += millis * MS;
    judge.tick(nowNanos, suspendedNanos, threads);
  }

  private Duration blame() {
    return Duration.ofNanos(loop.watched.blameNanos());
  }
}
