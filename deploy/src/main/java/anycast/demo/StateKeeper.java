package anycast.demo;

import anycast.routing.time.Ticker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Starts the state store again where it ended, as a service manager does, except while
/// `state.stopped` lies in the run directory: then an operator works on its file.
///
/// **Threading.** A thread of its own for as long as the fleet lives: the kernel ends a child with
/// the thread that started it.
final class StateKeeper {
  private static final Duration PAUSE = Duration.ofMillis(50);

  /// A store that cannot start must not start a hundred times a minute.
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);

  private final Fleet fleet;
  private final Ticker ticker;

  StateKeeper(Fleet fleet, Ticker ticker) {
    this.fleet = fleet;
    this.ticker = ticker;
  }

  static Path stopped(Path dir) {
    return dir.resolve("state.stopped");
  }

  void start() {
    Thread.ofPlatform().name("state-keeper").daemon(true).start(this::run);
  }

  private void run() {
    long triedNanos = ticker.nanos() - RESTART_PAUSE.toNanos();
    while (true) {
      LockSupport.parkNanos(PAUSE.toNanos());
      boolean wanted = !fleet.child(Fleet.STATE).alive() && !Files.exists(stopped(fleet.dir()));
      if (wanted && ticker.nanos() - triedNanos > RESTART_PAUSE.toNanos()) {
        triedNanos = ticker.nanos();
        try {
          fleet.restartState();
          FleetFile.write(fleet); // its pid is another one
          System.out.println("the state store ended and was started again");
        } catch (FleetFault e) {
          if (fleet.isStopping()) {
            return;
          }
          System.out.println("the state store could not be started again: " + e.getMessage());
        }
      }
    }
  }
}
