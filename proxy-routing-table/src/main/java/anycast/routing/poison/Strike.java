package anycast.routing.poison;

import anycast.routing.model.rule.Poison;
import anycast.routing.model.rule.RuleSet;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Does what a [Poison] says to the thread that calls.
///
/// **Threading.** Whoever calls may never come back.
public final class Strike {
  private static final int BLOCK_BYTES = 1 << 20;

  private Strike() {}

  /// Strikes where a document with this poison is at `place`.
  ///
  /// @param poison null = none
  public static void at(Poison.At place, Poison poison) {
    if (poison != null && poison.at() == place) {
      strike(poison);
    }
  }

  /// The same for a document's rules, all of which have the same poison.
  public static void at(Poison.At place, RuleSet rules) {
    if (!rules.rules().isEmpty()) {
      at(place, rules.rules().getFirst().poison());
    }
  }

  private static void strike(Poison poison) {
    switch (poison.kind()) {
      case LOCK -> lock();
      case HANG -> hang();
      case THROW -> throw new IllegalStateException("a built-in fault throws, as it was asked to");
      case MEMORY -> exhaust();
      case SPIN -> spin();
    }
  }

  /// No deadlock detector sees it: one thread waits for itself.
  private static void lock() {
    ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    lock.readLock().lock();
    lock.writeLock().lock();
  }

  private static void hang() {
    CountDownLatch never = new CountDownLatch(1);
    while (true) {
      try {
        never.await();
      } catch (InterruptedException e) {
        // it hangs: nobody gets it out of here
      }
    }
  }

  private static void exhaust() {
    List<byte[]> all = new ArrayList<>();
    while (!all.isEmpty() || all.add(new byte[BLOCK_BYTES])) {
      all.add(new byte[BLOCK_BYTES]);
    }
  }

  /// Takes a spin lock that it has already, in a call that tells the JVM to treat it as a piece of
  /// Java code between two safepoints. A loop in Java would depend on the compiler: the interpreter
  /// and C1 poll at every turn, C2 where it does not prove that a loop ends.
  @SuppressWarnings("restricted")
  private static void spin() {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor init =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    FunctionDescriptor take = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment lock = arena.allocate(ValueLayout.JAVA_LONG); // pthread_spinlock_t is an int
      MethodHandle initialize =
          linker.downcallHandle(linker.defaultLookup().findOrThrow("pthread_spin_init"), init);
      MethodHandle spin =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("pthread_spin_lock"),
              take,
              Linker.Option.critical(false));
      int _ = (int) initialize.invokeExact(lock, 0);
      int _ = (int) spin.invokeExact(lock);
      int _ = (int) spin.invokeExact(lock);
    } catch (Throwable e) {
      throw new IllegalStateException("there is no spin lock here", e);
    }
  }
}
