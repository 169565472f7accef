package anycast.load.balance;

import java.util.SplittableRandom;

/// What happens to instances and nodes in a run.
final class Troubles {
  private static final long SECOND = 1_000_000_000L;
  private static final long AWAY_NANOS = 2 * SECOND;
  private static final long CRASH_EVERY_NANOS = 5 * SECOND;
  private static final long RESTART_NANOS = SECOND;

  private Troubles() {}

  static void plan(Play play, SplittableRandom random) {
    Scenario.Trouble trouble = play.scenario().trouble();
    Agenda agenda = play.agenda();
    long third = play.endNanos() / 3;
    for (Server server : play.servers()) {
      double dice = random.nextDouble();
      double phase = random.nextDouble();
      if (dice < trouble.slow()) {
        agenda.at(third, () -> server.slow = true);
      } else if (dice < trouble.slow() + trouble.broken()) {
        agenda.at(third, () -> server.broken = true);
      } else if (dice < trouble.slow() + trouble.broken() + trouble.flapping()) {
        agenda.at((long) (phase * CRASH_EVERY_NANOS), () -> crash(play, server));
      }
      if (trouble.rolling()) {
        long from = play.endNanos() / 4;
        long at = from + server.number * (play.endNanos() / 2) / play.servers().length;
        agenda.at(at, () -> leave(play, server, false));
        agenda.at(at + RESTART_NANOS, () -> come(play, server));
      }
    }
    for (int node = 0; node < play.silent().length; node++) {
      int lost = node;
      if (random.nextDouble() < trouble.silent()) {
        agenda.at(third, () -> play.silent()[lost] = true);
      }
    }
  }

  private static void crash(Play play, Server server) {
    if (play.agenda().now() > play.endNanos()) {
      return;
    }
    leave(play, server, true);
    play.agenda().in(AWAY_NANOS, () -> come(play, server));
    play.agenda().in(CRASH_EVERY_NANOS, () -> crash(play, server));
  }

  private static void leave(Play play, Server server, boolean crash) {
    server.stop(crash);
    play.tell(server.number, false);
  }

  private static void come(Play play, Server server) {
    server.start();
    play.tell(server.number, true);
  }
}
