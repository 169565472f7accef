package anycast.backhaul.watchdog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import anycast.routing.admission.ContentHash;
import anycast.routing.admission.Stage;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.Match;
import anycast.routing.model.rule.Rule;
import anycast.routing.time.Ticker;
import anycast.routing.virtual.CompiledRule;
import anycast.routing.virtual.Origin;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// A process that keeps a flight file and ends, or is ended, in the way that it is told.
final class FlightChild {
  static final ContentHash ENTRY = new ContentHash(11, 12);
  static final String HOST = "shop.test";
  static final String READY = "ready";

  private final Flight flight;

  private FlightChild(Path directory) {
    flight =
        Flight.open(Optional.of(directory), "edge-1", 1, Ticker.system(), InstantSource.system());
    flight.take(flight.loop(0));
  }

  public static void main(String[] args) throws InterruptedException {
    FlightChild child = new FlightChild(Path.of(args[0]));
    switch (args[1]) {
      case "races" -> child.race();
      case "stuck" -> child.stick();
      case "rests" -> child.rest();
      case "stops" -> child.stop();
      case "memory" -> child.exhaust();
      case "exits" -> child.exit();
      case "halts" -> child.halt();
      case "collects" -> child.collect();
      default -> throw new IllegalArgumentException(args[1]);
    }
  }

  static CompiledRule rule(String service, String name, Origin origin) {
    Action elsewhere = new Action.Redirect(302, "", "else.test", 0, "", false);
    return new CompiledRule(
            service, new Rule(name, Match.ALL, elsewhere), new int[0], new int[0], -1)
        .from(origin);
  }

  static void route(FlightSlot slot, String host, long sinceNanos) {
    slot.route(host.getBytes(ISO_8859_1), 0, host.length(), "exchange-of-" + host, 7, sinceNanos);
  }

  /// Two requests by turns, as fast as it goes.
  private void race() {
    FlightSlot slot = flight.here();
    CompiledRule[] rules = {
      rule("a".repeat(20), "a", new Origin(1, 1)), rule("b".repeat(30), "b", new Origin(2, 2))
    };
    byte[][] hosts = {"a".repeat(30).getBytes(ISO_8859_1), "b".repeat(80).getBytes(ISO_8859_1)};
    for (int i = 0; ; i++) {
      slot.route(hosts[i & 1], 0, hosts[i & 1].length, "x", i & 1, System.nanoTime());
      slot.matching(rules[i & 1].origin());
      slot.rule(rules[i & 1]);
      slot.rest();
      if (i == 50_000) {
        System.out.println(READY);
      }
    }
  }

  private void stick() throws InterruptedException {
    route(flight.here(), HOST, System.nanoTime());
    flight.here().rule(rule("shop", "all", new Origin(ENTRY.high(), ENTRY.low())));
    flight.here().markStuck(true);
    await();
  }

  private void rest() throws InterruptedException {
    route(flight.here(), HOST, System.nanoTime());
    flight.here().rest();
    // As if it had lain there for long: a slot at rest blames nobody, however old it is.
    flight.tick(System.nanoTime() + 10 * Ending.LONG.toNanos(), false);
    await();
  }

  private void stop() throws InterruptedException {
    route(flight.here(), HOST, System.nanoTime());
    flight.tick(System.nanoTime() + 10 * Ending.LONG.toNanos(), false);
    flight.stopping();
    await();
  }

  /// As in a process that is short of memory: a request and a compilation, both long under way.
  private void collect() throws InterruptedException {
    route(flight.here(), HOST, System.nanoTime());
    flight.compiler().on(ENTRY, Stage.COMPILE, 3, System.nanoTime());
    flight.tick(System.nanoTime() + 2 * Ending.LONG.toNanos(), true);
    await();
  }

  private void exhaust() {
    flight.compiler().on(ENTRY, Stage.COMPILE, 3, System.nanoTime());
    flight.tick(System.nanoTime() + Ending.LONG.toNanos(), false);
    List<byte[]> all = new ArrayList<>();
    while (all.size() < Integer.MAX_VALUE) {
      all.add(new byte[1 << 20]);
    }
  }

  private void exit() {
    route(flight.here(), HOST, System.nanoTime());
    flight.stopping();
    flight.close();
    System.exit(0);
  }

  private void halt() {
    route(flight.here(), HOST, System.nanoTime());
    flight.tick(System.nanoTime(), false);
    Runtime.getRuntime().halt(1);
  }

  private static void await() throws InterruptedException {
    System.out.println(READY);
    new CountDownLatch(1).await();
  }
}
