package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.Counters;
import anycast.backhaul.runtime.EventLoops;
import anycast.backhaul.runtime.Transport;
import io.netty.channel.EventLoop;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A process with loops and their watchdog that does what its standard input says, a word a line:
///
/// - `status`: prints looks, stalls and the worst blame in ms
/// - `spin`, `lock`, `hold`: makes the first loop do so, for ever
/// - `gc`: stops all threads for a collection
/// - `end`: ends in order
///
/// Arguments: directory, loops, action, and the ages of sample, dump and end in ms.
final class StallingMain {
  private static final int SAMPLE = 3;

  private StallingMain() {}

  public static void main(String[] arguments) throws Exception {
    Duration sample = millis(arguments[SAMPLE]);
    Duration dump = millis(arguments[SAMPLE + 1]);
    Duration end = millis(arguments[SAMPLE + 2]);
    VitalsConfig config =
        new VitalsConfig(
            Optional.of(Path.of(arguments[0])),
            VitalsConfig.Action.valueOf(arguments[2]),
            sample,
            dump,
            dump,
            end,
            end,
            Duration.ZERO);
    EventLoops loops = EventLoops.start("loop", Transport.NIO, Integer.parseInt(arguments[1]));
    Vitals vitals =
        Vitals.open(config, "stalling", loops, new Counters(loops.loops()), InstantSource.system());
    System.out.println("up");
    EventLoop first = loops.loops().getFirst();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      switch (line) {
        case "status" -> System.out.println(status(vitals));
        case "spin" -> first.execute(StallingMain::spin);
        case "lock" -> first.execute(StallingMain::lock);
        case "hold" -> first.execute(StallingMain::hold);
        case "gc" -> System.gc();
        default -> {
          vitals.stopping(Duration.ZERO);
          vitals.close();
          loops.close();
          return;
        }
      }
    }
  }

  private static Duration millis(String text) {
    return Duration.ofMillis(Long.parseLong(text));
  }

  private static String status(Vitals vitals) throws Exception {
    WatchdogView view = (WatchdogView) vitals.pages().get("/watchdog").answer(Map.of());
    long stalls = view.threads().stream().mapToLong(WatchdogView.Row::stalls).sum();
    long blame = view.threads().stream().mapToLong(WatchdogView.Row::blameMs).max().orElse(0);
    return view.ticks() + " " + stalls + " " + blame + " " + vitals.well() + " " + vitals.reasons();
  }

  /// Reaches a safepoint in each turn.
  private static void spin() {
    for (long turn = 0; turn >= 0; turn++) {
      Thread.onSpinWait();
    }
  }

  /// What brought all proxies to a stand.
  private static void lock() {
    ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    lock.readLock().lock();
    lock.writeLock().lock();
  }

  /// Searches one element that is not there 2^62 times, inside libc and without leaving Java's
  /// hands: no safepoint is reached, and the first collection stops the whole JVM for good.
  @SuppressWarnings("restricted")
  private static void hold() {
    Linker linker = Linker.nativeLinker();
    MethodHandle lfind =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("lfind"),
            FunctionDescriptor.of(
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.critical(false));
    Arena arena = Arena.global();
    MemorySegment key = arena.allocateFrom("a");
    MemorySegment other = arena.allocateFrom("b");
    MemorySegment count = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L << 62);
    try {
      MemorySegment _ =
          (MemorySegment)
              lfind.invokeExact(
                  key, other, count, 0L, linker.defaultLookup().findOrThrow("strcmp"));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
