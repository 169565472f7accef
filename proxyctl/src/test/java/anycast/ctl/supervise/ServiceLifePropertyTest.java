package anycast.ctl.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Child;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Whatever comes in whatever order, [FakeHands] sees at most one process, and a stop ends.
class ServiceLifePropertyTest {
  private static final long SECOND = 1_000_000_000;

  /// What may happen to a service.
  enum Step {
    START,
    STOP,
    RESTART,
    AT_ONCE,
    READY,
    BEAT,
    TRIGGER,
    STOPPING,
    EXTEND,
    EXIT,
    STRANGER_EXITS,
    TURN,
    NO_TURN,
    NO_START,
    MOMENT,
    SECONDS,
    MINUTE,
    LOST
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Arbitraries.of(Step.values()).list().ofMaxSize(80);
  }

  @Property(tries = 2000)
  void thereIsNeverASecondProcessAndAStopEnds(
      @ForAll("steps") List<Step> steps, @ForAll boolean notifies, @ForAll long seed) {
    FakeHands hands = new FakeHands();
    long now = seed;
    ServiceLife life =
        new ServiceLife(ServiceLifeTest.config(notifies), hands, new Random(seed), now);
    for (Step step : steps) {
      now += passed(step);
      step(step, life, hands, now);
      assertEquals(hands.alive, life.glimpse().pid());
      life.tick(now);
      assertEquals(hands.alive, life.glimpse().pid());
    }
    life.stop(now);
    hands.turn = false; // nobody may need one now
    for (int i = 0; i < 5000 && life.state() != ServiceState.STOPPED; i++) {
      now += SECOND;
      life.tick(now);
      boolean killed = hands.take().contains("KILL") || life.state() == ServiceState.KILLING;
      if (killed && hands.alive != 0) {
        life.ended(hands.alive, new Child.End.Killed(9), now);
      }
    }
    assertEquals(ServiceState.STOPPED, life.state());
    assertEquals(0, hands.alive);
    assertTrue(life.due().isEmpty());
  }

  private static long passed(Step step) {
    return switch (step) {
      case MOMENT -> SECOND / 20;
      case SECONDS -> 3 * SECOND;
      case MINUTE, LOST -> 61 * SECOND;
      default -> 0;
    };
  }

  private static void step(Step step, ServiceLife life, FakeHands hands, long now) {
    switch (step) {
      case START -> life.start(now);
      case STOP -> life.stop(now);
      case RESTART -> life.restart(now);
      case AT_ONCE -> life.stopAtOnce(now);
      case READY -> tell("READY=1", life, hands, now);
      case BEAT -> tell("WATCHDOG=1", life, hands, now);
      case TRIGGER -> tell("WATCHDOG=trigger", life, hands, now);
      case STOPPING -> tell("STOPPING=1", life, hands, now);
      case EXTEND -> tell("EXTEND_TIMEOUT_USEC=3000000\nWATCHDOG_USEC=1000000", life, hands, now);
      case EXIT -> {
        if (hands.alive != 0) {
          life.ended(hands.alive, new Child.End.Exited(1), now);
        }
      }
      case STRANGER_EXITS -> life.ended(99, new Child.End.Exited(1), now);
      case TURN -> hands.turn = true;
      case NO_TURN -> hands.turn = false;
      case NO_START -> hands.startable = !hands.startable;
      case LOST -> life.forgive(60 * SECOND);
      case MOMENT, SECONDS, MINUTE -> {}
    }
  }

  private static void tell(String lines, ServiceLife life, FakeHands hands, long now) {
    life.told(hands.alive == 0 ? 99 : hands.alive, Telling.parse(lines), now);
  }
}
