package anycast.drill;

import anycast.demo.AdminProbe;
import anycast.demo.Supervised;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Looks at the fleet ten times a second while a drill runs: which processes live, when one became
/// another, and whether operators are answered all along: by each proxy, and by the supervisor for
/// one that is dead.
///
/// **Threading.** A thread for each socket; the rest is for any, under its own lock.
final class Watch {
  /// What an operator is promised.
  static final Duration PROMISE = Duration.ofMillis(100);

  private static final Duration PERIOD = Duration.ofMillis(100);

  /// Longer answers are no answers.
  private static final Duration LIMIT = Duration.ofSeconds(1);

  /// A process that ended.
  ///
  /// @param atNanos when it was noticed: at most a period late
  record Death(String process, long pid, long atNanos) {}

  /// A question that was answered too late or never.
  ///
  /// @param tookNanos negative = it was not answered
  record Late(String socket, long atNanos, long tookNanos) {}

  private final Supervised supervisor;
  private final Map<String, Path> sockets;
  private final Ticker ticker;
  private final AdminProbe probe;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, Long> pids = new HashMap<>();
  private final List<Death> deaths = new ArrayList<>();
  private final List<Late> late = new ArrayList<>();
  private long asked;
  private long answeredBySupervisor;
  private volatile boolean closed;

  /// @param sockets admin sockets of the proxies by name
  Watch(Supervised supervisor, Map<String, Path> sockets, Ticker ticker) {
    this.supervisor = supervisor;
    this.sockets = Map.copyOf(sockets);
    this.ticker = ticker;
    this.probe = new AdminProbe(ticker);
  }

  void start() {
    threads.add(Thread.ofPlatform().name("watch-supervisor").start(() -> each(this::look)));
    sockets.forEach((name, socket) ->
        threads.add(
            Thread.ofPlatform().name("watch-" + name).start(() -> each(() -> ask(name, socket)))));
  }

  private void each(Runnable step) {
    long dueNanos = ticker.nanos();
    while (!closed) {
      step.run();
      dueNanos = Math.max(dueNanos + PERIOD.toNanos(), ticker.nanos());
      while (dueNanos - ticker.nanos() > 0) {
        LockSupport.parkNanos(dueNanos - ticker.nanos());
      }
    }
  }

  private void look() {
    long beganNanos = ticker.nanos();
    List<Supervised.Service> services;
    try {
      services = supervisor.services(LIMIT);
    } catch (IOException e) {
      note("supervisor", beganNanos, false);
      return;
    }
    note("supervisor", beganNanos, true);
    for (Supervised.Service service : services) {
      seen(service.name(), service.pid());
    }
  }

  private synchronized void seen(String name, long pid) {
    Long before = pids.put(name, pid);
    if (before != null && before != 0 && before != pid) {
      deaths.add(new Death(name, before, ticker.nanos()));
    }
  }

  private void ask(String name, Path socket) {
    long beganNanos = ticker.nanos();
    try {
      probe.ask(socket, "/status", PROMISE);
      note(name, beganNanos, true);
    } catch (IOException e) {
      bySupervisor(name);
    }
  }

  private void bySupervisor(String name) {
    long beganNanos = ticker.nanos();
    try {
      supervisor.service(name, PROMISE);
      note(name, beganNanos, true);
      synchronized (this) {
        answeredBySupervisor++;
      }
    } catch (IOException e) {
      note(name, beganNanos, false);
    }
  }

  private synchronized void note(String socket, long beganNanos, boolean answered) {
    asked++;
    long tookNanos = ticker.nanos() - beganNanos;
    if (!answered) {
      late.add(new Late(socket, beganNanos, -1));
    } else if (tookNanos > PROMISE.toNanos()) {
      late.add(new Late(socket, beganNanos, tookNanos));
    }
  }

  /// Of a service as it was seen last; 0 = it does not run.
  synchronized long pid(String name) {
    return pids.getOrDefault(name, 0L);
  }

  /// Since a moment, in order.
  synchronized List<Death> deaths(long sinceNanos) {
    return deaths.stream().filter(death -> death.atNanos() - sinceNanos >= 0).toList();
  }

  /// Since a moment, in order.
  synchronized List<Late> late(long sinceNanos) {
    return late.stream().filter(one -> one.atNanos() - sinceNanos >= 0).toList();
  }

  synchronized long asked() {
    return asked;
  }

  /// Questions to a proxy that did not answer in time, and the supervisor did in its place.
  synchronized long answeredBySupervisor() {
    return answeredBySupervisor;
  }

  /// Looks no more.
  void finish() throws InterruptedException {
    closed = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
