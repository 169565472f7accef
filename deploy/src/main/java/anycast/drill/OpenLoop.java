package anycast.drill;

import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Sends at a steady rate, whatever the answers do.
///
/// **Threading.** One thread that sends; each request has a virtual thread of its own.
final class OpenLoop {
  private final Client client;
  private final Tally tally;
  private final Ticker ticker;
  private final long periodNanos;
  private final long startedNanos;
  private final List<Target> targets = new CopyOnWriteArrayList<>();
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final Thread sender = Thread.ofPlatform().name("drill-sender").unstarted(this::send);
  private final Consumer<Sent> sent;
  private volatile String step = "before";
  private volatile boolean closed;

  /// One request from its beginning to its end.
  ///
  /// @param how `200`, another status, or what went wrong in a word
  record Sent(Target target, String step, long beganNanos, long endedNanos, String how) {
    boolean well() {
      return how.equals("200");
    }
  }

  /// @param rate requests a second to each target
  OpenLoop(Client client, Tally tally, int rate, Ticker ticker) {
    this(client, tally, rate, ticker, _ -> {});
  }

  /// @param sent told of each request when it has ended, on a thread of its own
  OpenLoop(Client client, Tally tally, int rate, Ticker ticker, Consumer<Sent> sent) {
    this.client = client;
    this.tally = tally;
    this.ticker = ticker;
    this.sent = sent;
    this.periodNanos = Duration.ofSeconds(1).toNanos() / rate;
    this.startedNanos = ticker.nanos();
  }

  void start() {
    sender.start();
  }

  void add(List<Target> more) {
    targets.addAll(more);
  }

  /// What is done to the fleet from now on, for the table.
  void step(String name) {
    step = name;
  }

  private int second() {
    return (int) ((ticker.nanos() - startedNanos) / 1_000_000_000L);
  }

  private void send() {
    long dueNanos = startedNanos;
    while (!closed) {
      int second = second();
      String now = step;
      for (Target target : targets) {
        tally.sent(second, now, target.label());
        requests.execute(() -> request(target, second, now));
      }
      tally.print(second);
      dueNanos += periodNanos;
      while (dueNanos - ticker.nanos() > 0) {
        LockSupport.parkNanos(dueNanos - ticker.nanos());
      }
    }
  }

  private void request(Target target, int second, String now) {
    long beganNanos = ticker.nanos();
    String how = client.get(target);
    tally.ended(second, target.label(), how);
    sent.accept(new Sent(target, now, beganNanos, ticker.nanos(), how));
  }

  /// Sends no more, waits for what is under way and prints the rest.
  void finish() throws InterruptedException {
    closed = true;
    sender.join();
    requests.close();
    tally.print(Integer.MAX_VALUE);
  }
}
