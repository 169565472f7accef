package anycast.ctl.supervise;

import static anycast.ctl.supervise.ServiceState.BACKOFF;
import static anycast.ctl.supervise.ServiceState.DUMPING;
import static anycast.ctl.supervise.ServiceState.KILLING;
import static anycast.ctl.supervise.ServiceState.READY;
import static anycast.ctl.supervise.ServiceState.SILENT;
import static anycast.ctl.supervise.ServiceState.STARTING;
import static anycast.ctl.supervise.ServiceState.STOPPED;
import static anycast.ctl.supervise.ServiceState.STOPPING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.backhaul.posix.Child;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// One service under virtual time: start 60 s, watchdog 5 s, stop 40 s, restart 100 ms to 60 s.
class ServiceLifeTest {
  private static final long MILLIS = 1_000_000;

  private final FakeHands hands = new FakeHands();
  private long now = -7_000_000_000_000_000_000L; // a ticker begins anywhere
  private ServiceLife life = life(true);

  static ServiceConfig config(boolean notifies) {
    return new ServiceConfig(
        "app",
        "app",
        List.of("app"),
        Path.of("/"),
        Map.of(),
        List.of(),
        notifies,
        new ServiceConfig.Limits(
            notifies ? Optional.of(Duration.ofSeconds(5)) : Optional.empty(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(60),
            Duration.ofSeconds(40),
            new ServiceConfig.Backoff(
                Duration.ofMillis(100), Duration.ofSeconds(60), Duration.ofMinutes(10))),
        Path.of("/dev/null"));
  }

  private ServiceLife life(boolean notifies) {
    return new ServiceLife(config(notifies), hands, new Random(1), now);
  }

  private void pass(long millis) {
    // in steps, as a supervisor turns
    for (long end = now + millis * MILLIS; now < end; ) {
      now = Math.min(end, now + 100 * MILLIS);
      life.tick(now);
    }
  }

  private void tell(String lines) {
    assertTrue(life.told(hands.alive, Telling.parse(lines), now));
  }

  private void end(Child.End end) {
    life.ended(hands.alive, end, now);
  }

  private void startReady() {
    life.start(now);
    tell("READY=1");
    assertEquals(List.of("start"), hands.take());
  }

  private String reason() {
    return life.glimpse().last().orElseThrow().reason();
  }

  private long waitMillis() {
    return (life.due().orElseThrow() - now) / MILLIS;
  }

  @Test
  void isReadyWhenItSaysSoAndBeatsFromThenOn() {
    life.start(now);
    assertEquals(STARTING, life.state());
    pass(30_000); // the watchdog does not count yet
    tell("STATUS=loading");
    tell("READY=1\nSTATUS=serving");
    assertEquals(READY, life.state());
    assertEquals("serving", life.glimpse().status());
    for (int i = 0; i < 20; i++) {
      pass(4_900);
      tell("WATCHDOG=1");
    }
    assertEquals(List.of("start"), hands.take());
  }

  @Test
  void oneThatDoesNotNotifyIsReadyAtOnceAndNotWatched() {
    life = life(false);
    life.start(now);
    assertEquals(READY, life.state());
    pass(600_000);
    assertEquals(List.of("start"), hands.take());
  }

  @Test
  void whoMissesItsBeatIsAskedForADumpAndKilled() {
    startReady();
    pass(4_900);
    assertEquals(READY, life.state());
    pass(100);
    assertEquals(DUMPING, life.state());
    assertEquals(List.of("QUIT"), hands.take());
    tell("WATCHDOG=1"); // too late
    pass(1_900);
    assertEquals(List.of(), hands.take());
    pass(100);
    assertEquals(KILLING, life.state());
    assertEquals(List.of("KILL"), hands.take());
    end(new Child.End.Killed(9));
    assertEquals("SIGKILL", life.glimpse().last().orElseThrow().how());
    assertEquals("no WATCHDOG=1 for 5 s", reason());
    assertEquals(BACKOFF, life.state());
    pass(100);
    assertEquals(List.of("start"), hands.take());
  }

  @Test
  void whoMissesItsBeatWaitsForItsTurnAndIsSparedIfItComesBack() {
    startReady();
    hands.turn = false;
    pass(8_000);
    assertEquals(SILENT, life.state());
    assertEquals(List.of(), hands.take());
    tell("WATCHDOG=1");
    assertEquals(READY, life.state());
    pass(5_000);
    assertEquals(SILENT, life.state());
    hands.turn = true;
    pass(100);
    assertEquals(List.of("QUIT"), hands.take());
  }

  @Test
  void whoAsksToBeTreatedAsStalledIs() {
    startReady();
    hands.turn = false;
    tell("WATCHDOG=trigger");
    tell("WATCHDOG=1"); // does not take it back
    assertEquals(SILENT, life.state());
    hands.turn = true;
    pass(100);
    assertEquals(List.of("QUIT"), hands.take());
    end(new Child.End.Killed(3));
    assertEquals("WATCHDOG=trigger", reason());
  }

  @Test
  void itsOwnWordChangesTheLongestSilence() {
    startReady();
    tell("WATCHDOG_USEC=20000000");
    pass(19_000);
    assertEquals(READY, life.state());
    pass(1_000);
    assertEquals(DUMPING, life.state());
  }

  @Test
  void whoNeverSaysReadyIsKilledAfterTheStartLimit() {
    life.start(now);
    hands.take();
    pass(59_900);
    assertEquals(STARTING, life.state());
    pass(2_100);
    assertEquals(List.of("QUIT", "KILL"), hands.take());
    tell("READY=1"); // too late
    assertEquals(KILLING, life.state());
    end(new Child.End.Killed(9));
    assertEquals("no READY=1 for 60 s", reason());
  }

  @Test
  void aStartThatTellsOfItsProgressMayTakeLonger() {
    life.start(now);
    for (int i = 0; i < 20; i++) {
      tell("EXTEND_TIMEOUT_USEC=10000000");
      pass(9_000);
      assertEquals(STARTING, life.state());
    }
    tell("READY=1");
    assertEquals(READY, life.state());
  }

  @Test
  void anExtensionNeverShortensTheLimit() {
    life.start(now);
    tell("EXTEND_TIMEOUT_USEC=1000");
    pass(50_000);
    assertEquals(STARTING, life.state());
  }

  @Test
  void aCrashLoopBacksOffToItsMostAndNeverGivesUp() {
    life.start(now);
    long most = 100;
    for (int i = 0; i < 30; i++) {
      end(new Child.End.Exited(1));
      long wait = waitMillis();
      assertTrue(wait >= most / 2 && wait <= most, wait + " of " + most);
      pass(wait + 1);
      assertEquals(STARTING, life.state());
      most = Math.min(60_000, most * 2);
    }
    assertEquals(31, life.glimpse().starts());
    assertEquals("", reason());
  }

  @Test
  void clientsWaitThroughAShortPauseAndAreRefusedInALongOne() {
    life.start(now);
    boolean refused = false;
    for (int i = 0; i < 10; i++) {
      end(new Child.End.Exited(1));
      assertEquals(waitMillis() > 1_000, hands.refusing);
      refused |= hands.refusing;
      pass(waitMillis() + 1);
      assertFalse(hands.refusing, "refused while it starts");
    }
    assertTrue(refused);
  }

  @Test
  void whoeverConnectsToAStoppedServiceIsRefused() {
    startReady();
    life.stop(now);
    assertFalse(hands.refusing);
    end(new Child.End.Exited(0));
    assertTrue(hands.refusing);
    life.start(now);
    assertFalse(hands.refusing);
  }

  @Test
  void aServiceThatIsStoppedWhileItWaitsForItsStartRefusesToo() {
    startReady();
    end(new Child.End.Exited(1));
    assertFalse(hands.refusing);
    life.stop(now);
    assertTrue(hands.refusing);
  }

  @Test
  void whoCannotBeStartedIsTriedAgain() {
    hands.startable = false;
    life.start(now);
    assertEquals(BACKOFF, life.state());
    pass(1_000);
    assertEquals("nothing to start", reason());
    hands.startable = true;
    pass(2_000);
    assertEquals(STARTING, life.state());
  }

  @Test
  void whoWasWellForLongBeginsWithTheFirstWaitAgain() {
    life = life(false);
    life.start(now);
    for (int i = 0; i < 8; i++) {
      end(new Child.End.Exited(1));
      pass(waitMillis() + 1);
    }
    pass(599_000);
    end(new Child.End.Exited(1));
    assertTrue(waitMillis() > 10_000);
    pass(waitMillis() + 1);
    pass(600_000);
    end(new Child.End.Exited(1));
    assertTrue(waitMillis() <= 100);
  }

  @Test
  void aStopIsSigtermAndLeavesItStopped() {
    startReady();
    life.stop(now);
    life.stop(now);
    assertEquals(List.of("TERM"), hands.take());
    assertEquals(STOPPING, life.state());
    end(new Child.End.Exited(0));
    assertEquals(STOPPED, life.state());
    pass(1_000_000);
    assertEquals(List.of(), hands.take());
    life.start(now);
    assertEquals(STARTING, life.state());
  }

  @Test
  void whoDoesNotStopInTimeIsKilled() {
    startReady();
    life.stop(now);
    tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=60000000");
    pass(50_000);
    assertEquals(List.of("TERM"), hands.take());
    pass(10_000);
    assertEquals(List.of("KILL"), hands.take());
    pass(10_000); // the kernel keeps it
    assertEquals(List.of("KILL"), hands.take());
    end(new Child.End.Killed(9));
    assertEquals(STOPPED, life.state());
    assertEquals("asked to stop, not gone after 60 s", reason());
  }

  @Test
  void aStopWhileItBacksOffIsAtOnce() {
    life.start(now);
    end(new Child.End.Exited(1));
    assertEquals(BACKOFF, life.state());
    life.stop(now);
    assertEquals(STOPPED, life.state());
    hands.take();
    pass(100_000);
    assertEquals(List.of(), hands.take());
  }

  @Test
  void aStopOfOneThatIsSilentWaitsForNothing() {
    startReady();
    hands.turn = false;
    pass(5_000);
    life.stop(now);
    assertEquals(List.of("KILL"), hands.take());
    end(new Child.End.Killed(9));
    assertEquals(STOPPED, life.state());
  }

  @Test
  void aRestartStartsAtOnceWhenTheProcessIsGone() {
    startReady();
    life.restart(now);
    assertEquals(List.of("TERM"), hands.take());
    pass(10_000);
    end(new Child.End.Exited(143));
    assertEquals(List.of("start"), hands.take());
    life.stop(now);
    life.start(now); // the operator thought better of it
    end(new Child.End.Exited(0));
    assertEquals(STARTING, life.state());
  }

  @Test
  void whoStopsByItselfHasTheStopLimitAndIsStartedAgain() {
    startReady();
    tell("STOPPING=1");
    pass(39_000);
    assertEquals(List.of(), hands.take());
    pass(1_000);
    assertEquals(List.of("KILL"), hands.take());
    end(new Child.End.Killed(9));
    assertEquals("stopped by itself, not gone after 40 s", reason());
    assertEquals(BACKOFF, life.state());
  }

  @Test
  void aSecondStopIsAtOnce() {
    startReady();
    life.stop(now);
    life.stopAtOnce(now);
    life.stopAtOnce(now);
    assertEquals(List.of("TERM", "KILL"), hands.take());
    end(new Child.End.Killed(9));
    assertEquals(STOPPED, life.state());
  }

  @Test
  void whatAnotherProcessSaysOrHowItEndsIsNothing() {
    life.start(now);
    assertFalse(life.told(hands.alive + 1, Telling.parse("READY=1"), now));
    assertEquals(STARTING, life.state());
    life.ended(hands.alive + 1, new Child.End.Exited(0), now);
    assertEquals(STARTING, life.state());
    tell("MAINPID=" + (hands.alive + 1));
    tell("READY=1");
    assertEquals(READY, life.state());
    assertEquals(hands.alive, life.glimpse().pid());
  }

  @Test
  void timeThatTheSupervisorLostCountsForNobody() {
    startReady();
    pass(3_000);
    now += 100_000 * MILLIS;
    life.forgive(100_000 * MILLIS);
    life.tick(now);
    assertEquals(READY, life.state());
    pass(2_000);
    assertEquals(DUMPING, life.state());
  }
}
