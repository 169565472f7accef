package anycast.routing.poison;

import anycast.routing.model.rule.Poison;
import java.lang.management.ManagementFactory;

/// A process one of whose threads is struck: `Victim KIND`. Says in lines what becomes of it, and
/// ends only when it is killed or its memory is exhausted.
final class Victim {
  private static final long PATIENCE_MILLIS = 1_000;
  private static final long SPUN_NANOS = 200_000_000;

  private Victim() {}

  public static void main(String[] args) throws InterruptedException {
    Poison.Kind kind = Poison.Kind.valueOf(args[0]);
    Poison poison = new Poison(kind, Poison.At.REQUEST);
    Thread struck = Thread.ofPlatform().start(() -> Strike.at(Poison.At.REQUEST, poison));
    while (!stuck(kind, struck)) {
      Thread.onSpinWait();
    }
    System.out.println("stuck");
    Thread asks =
        Thread.ofPlatform()
            .start(() -> {
              for (StackTraceElement frame : struck.getStackTrace()) {
                System.out.println("frame " + frame);
              }
            });
    asks.join(PATIENCE_MILLIS);
    System.out.println(asks.isAlive() ? "no stack comes" : "that is its stack");
    struck.join();
  }

  private static boolean stuck(Poison.Kind kind, Thread struck) {
    return kind == Poison.Kind.SPIN
        ? ManagementFactory.getThreadMXBean().getThreadCpuTime(struck.threadId()) > SPUN_NANOS
        : struck.getState() == Thread.State.WAITING;
  }
}
