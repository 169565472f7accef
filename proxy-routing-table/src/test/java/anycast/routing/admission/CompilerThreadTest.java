package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.time.Progress;
import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompilerThreadTest {
  private static final ContentHash ENTRY = new ContentHash(1, 2);
  private static final CompilerThread.Budget SMALL =
      CompilerThread.Budget.of(Duration.ofMillis(50));
  private static final CompilerThread.Budget AMPLE =
      CompilerThread.Budget.of(Duration.ofSeconds(60));

  private final List<String> notes = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<Progress> progresses = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final CompilerThread compiler =
      new CompilerThread(
          Ticker.system(),
          (entry, stage) -> notes.add(stage + (entry.isNone() ? "" : " " + entry.low())),
          (thread, progress) -> {
            threads.add(thread);
            progresses.add(progress);
          });

  @AfterEach
  void close() {
    end.countDown();
    compiler.close();
  }

  private <T> Outcome<T> run(CompilerThread.Budget budget, Callable<T> work) {
    return compiler.run(ENTRY, Stage.COMPILE, budget, () -> {}, work);
  }

  /// Takes no notice of being interrupted.
  private Object hang() {
    while (true) {
      try {
        end.await();
        return "over";
      } catch (InterruptedException e) {
        // it hangs
      }
    }
  }

  private Object compute() {
    long turns = 0;
    while (end.getCount() > 0) {
      turns++;
    }
    return turns;
  }

  @Test
  void handsOverWhatTheWorkGives() {
    assertEquals(new Outcome.Done<>("made"), run(AMPLE, () -> "made"));
    assertEquals(0, compiler.abandoned());
  }

  @Test
  void notesTheEntryBeforeItsWorkAndNothingAfterIt() {
    run(AMPLE, () -> "made");
    run(
        AMPLE,
        () -> {
          compiler.on(new ContentHash(0, 7), Stage.REHEARSE);
          return "made";
        });
    assertEquals(List.of("IDLE", "COMPILE 2", "IDLE", "COMPILE 2", "REHEARSE 7", "IDLE"), notes);
  }

  @Test
  void tellsWhatTheWorkThrew() {
    IllegalStateException bug = new IllegalStateException("a bug");
    Outcome<Object> outcome =
        run(
            AMPLE,
            () -> {
              throw bug;
            });
    assertSame(bug, assertInstanceOf(Outcome.Failed.class, outcome).cause());
  }

  private static int deeper(int depth) {
    return deeper(depth + 1) + 1;
  }

  @Test
  void survivesAStackThatOverflows() {
    Outcome<Integer> outcome = run(AMPLE, () -> deeper(0));
    assertInstanceOf(
        StackOverflowError.class, assertInstanceOf(Outcome.Failed.class, outcome).cause());
    assertEquals(new Outcome.Done<>("made"), run(AMPLE, () -> "made"));
  }

  @Test
  void survivesAWorkThatExhaustsMemory() {
    Outcome<Object> outcome = run(AMPLE, () -> List.of(new long[Integer.MAX_VALUE], new long[1]));
    assertInstanceOf(Outcome.OutOfMemory.class, outcome);
    assertEquals(new Outcome.Done<>("made"), run(AMPLE, () -> "made"));
  }

  @Test
  void givesAThreadUpThatWaitsForWhatNeverComes() {
    Outcome<Object> outcome = run(SMALL, this::hang);
    Outcome.OverBudget<?> over = assertInstanceOf(Outcome.OverBudget.class, outcome);
    assertTrue(over.stack().contains("CompilerThreadTest.hang"), over::stack);
    assertEquals(1, compiler.abandoned());
    assertEquals(new Outcome.Done<>("made"), run(AMPLE, () -> "made"));
    assertEquals(2, threads.size());
    assertNotSame(threads.get(0), threads.get(1));
    assertSame(progresses.get(0), progresses.get(1));
  }

  @Test
  void givesAThreadUpThatComputesForEver() {
    Outcome<Object> outcome = run(SMALL, this::compute);
    Outcome.OverBudget<?> over = assertInstanceOf(Outcome.OverBudget.class, outcome);
    assertTrue(over.spent().toMillis() >= 50, () -> over.spent().toString());
  }

  @Test
  void chargesEachStepOfAWorkForItself() {
    CompilerThread.Budget budget =
        new CompilerThread.Budget(Duration.ofMillis(200), Duration.ofSeconds(60));
    Outcome<Object> outcome =
        run(
            budget,
            () -> {
              for (int i = 0; i < 4; i++) {
                compiler.on(new ContentHash(0, i), Stage.COMPILE);
                end.await(100, TimeUnit.MILLISECONDS);
              }
              return "made";
            });
    assertEquals(new Outcome.Done<>("made"), outcome);
  }

  @Test
  void countsThreadsThatEndAfterAllNoMore() throws InterruptedException {
    run(SMALL, this::hang);
    Thread lost = threads.getFirst();
    end.countDown();
    assertTrue(lost.join(Duration.ofSeconds(30)));
    run(AMPLE, () -> "made");
    assertEquals(0, compiler.abandoned());
    assertEquals(1, compiler.abandonedEver());
  }

  @Test
  void aThreadThatWasGivenUpNotesNothingAnyMore() throws InterruptedException {
    run(
        SMALL,
        () -> {
          hang();
          compiler.on(new ContentHash(0, 9), Stage.REHEARSE);
          return "late";
        });
    end.countDown();
    assertTrue(threads.getFirst().join(Duration.ofSeconds(30)));
    assertFalse(notes.contains("REHEARSE 9"), notes::toString);
  }

  @Test
  void triesNothingRiskyWhenTooManyDoNotEnd() {
    for (int i = 0; i < Abandoned.MOST_WEIGHT; i++) {
      assertFalse(compiler.exhausted());
      run(SMALL, this::hang);
    }
    assertTrue(compiler.exhausted());
    assertEquals(new Outcome.Done<>("of fixed shape"), run(AMPLE, () -> "of fixed shape"));
    for (int i = Abandoned.MOST_WEIGHT; i < Abandoned.LAST_WEIGHT; i++) {
      run(SMALL, this::hang);
    }
    assertInstanceOf(Outcome.NotTried.class, run(AMPLE, () -> "none is left"));
  }

  @Test
  void oneThatComputesWeighsAsMuchAsSeveralThatWait() {
    run(SMALL, this::hang);
    run(SMALL, this::compute);
    for (int i = 0; i < Abandoned.MOST_WEIGHT - Abandoned.BURNING_WEIGHT - 1; i++) {
      assertFalse(compiler.exhausted());
      run(SMALL, this::hang);
    }
    assertTrue(compiler.exhausted());
  }

  @Test
  void oneThatBeginsToWaitWeighsLessFromThenOn() throws InterruptedException {
    CountDownLatch computes = new CountDownLatch(1);
    Abandoned abandoned = new Abandoned(Ticker.system());
    Thread thread =
        Thread.ofPlatform()
            .daemon(true)
            .start(() -> {
              while (computes.getCount() > 0) {
                Thread.onSpinWait();
              }
              hang();
            });
    abandoned.add(thread, false);
    awaitWeight(abandoned, Abandoned.BURNING_WEIGHT);
    computes.countDown();
    awaitWeight(abandoned, 1);
    assertEquals(1, abandoned.count());
    end.countDown();
    awaitWeight(abandoned, 0);
    assertEquals(0, abandoned.count());
  }

  /// Threads tell nobody what they do.
  private static void awaitWeight(Abandoned abandoned, int weight) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (abandoned.weigh() != weight) {
      assertTrue(System.nanoTime() < deadline, () -> "weighs " + abandoned.weigh());
      assertFalse(never.await(10, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void whoWaitsIsCalledMeanwhile() {
    AtomicInteger called = new AtomicInteger();
    CountDownLatch twice = new CountDownLatch(2);
    compiler.run(
        ENTRY,
        Stage.COMPILE,
        AMPLE,
        () -> {
          called.incrementAndGet();
          twice.countDown();
        },
        () -> twice.await(30, TimeUnit.SECONDS));
    assertTrue(called.get() >= 2);
  }

  @Test
  void whoIsInterruptedStillLearnsTheOutcome() {
    Thread.currentThread().interrupt();
    assertEquals(new Outcome.Done<>("made"), run(AMPLE, () -> "made"));
    assertTrue(Thread.interrupted());
  }

  @Test
  void beatsWhileItHasNothingToDo() throws InterruptedException {
    compiler.start();
    Progress progress = progresses.getFirst();
    long before = progress.count();
    while (progress.count() < before + 2) {
      assertFalse(end.await(1, TimeUnit.MILLISECONDS));
    }
  }
}
