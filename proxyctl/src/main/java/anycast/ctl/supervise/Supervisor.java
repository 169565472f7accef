package anycast.ctl.supervise;

import anycast.backhaul.posix.NotifySocket;
import anycast.backhaul.runtime.AdminServer;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.LogText;
import anycast.backhaul.runtime.ReadyFile;
import anycast.backhaul.watchdog.HostSlot;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the sockets of its services, and keeps a process running for each.
///
/// ```
///  notify-NAME ──Told──►┐
///  wait-NAME ───Ended──►│ EventQueue ──► the supervisor's thread: ServiceLife ──► Supervised
///  admin ───────Asked──►│                          │
///  signals ─Terminate──►┘                          └─► rows (volatile) ──► admin reads
/// ```
///
/// **Threading.** [#open], [#run] and [#close] on one platform thread, which starts the processes:
/// the kernel ends those that are to die with it when this thread ends. [#terminate] and the
/// answers on any. **Ownership.** All services, the admin socket, and the directory of the notify
/// sockets.
public final class Supervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

  /// The loop turns at least that often, so that a longer turn is time that was lost.
  static final Duration TURN = Duration.ofMillis(250);

  /// Above what a busy machine adds to a turn; a pause that long is nobody's fault.
  static final Duration LOST = Duration.ofSeconds(1);

  /// Large logs are looked for that often.
  private static final Duration ROTATION = Duration.ofSeconds(30);

  /// Events of one turn; what is more waits until the clock was looked at.
  private static final int MAX_EVENTS = 256;

  /// Services that are offered where one is not known: a line of a terminal.
  private static final int MOST_NAMED = 8;

  private final Ticker ticker;
  private final EventQueue events;
  private final KillTurn turns;
  private final NotifyDirectory notify;
  private final List<Supervised> services;
  private final LogRotation rotation;
  private AdminServer admin;
  private volatile List<ServicesView.Seen> seen = List.of();
  private int terminations;
  private long turnNanos;
  private long rotatedNanos;

  private Supervisor(SupervisorConfig config, Ticker ticker) throws IOException {
    this.ticker = ticker;
    this.events = new EventQueue();
    new Orphans(config.socket(), ticker).end(config.longestStop());
    this.turns =
        new KillTurn(
            config
                .slot()
                .map(path -> new HostSlot(path, HostSlot.SPACING, InstantSource.system())));
    this.notify = NotifyDirectory.make(config.socket());
    this.services = new ArrayList<>();
    this.rotation = new LogRotation();
    Supervised.Surroundings surroundings =
        new Supervised.Surroundings(
            ticker, events, turns, config.diesWithSupervisor(), config.slot());
    try {
      for (ServiceConfig service : config.services()) {
        services.add(Supervised.open(service, surroundings, notify.socket(services.size())));
      }
      look();
      this.admin = AdminServer.start(config.socket(), new ServicesView(this).answers());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /// Listens on all sockets, answers, and writes its ready file; nothing is started yet.
  ///
  /// @throws IOException with a sentence
  /// @throws ConfigProblems every problem of the file, with its line
  public static Supervisor open(Path file, Ticker ticker) throws ConfigProblems, IOException {
    SupervisorConfig config = SupervisorConfig.read(file);
    Supervisor supervisor = new Supervisor(config, ticker);
    if (config.readyFile().isPresent()) {
      ReadyFile.write(
          config.readyFile().get(), new ServicesView(supervisor).ready(config.socket()));
    }
    return supervisor;
  }

  /// Reads the file and does nothing else.
  ///
  /// @return how many services it has
  public static int check(Path file) throws ConfigProblems {
    return SupervisorConfig.read(file).services().size();
  }

  /// Starts all services and keeps them running, until [#terminate] has stopped them.
  public void run() throws InterruptedException {
    turnNanos = ticker.nanos();
    rotatedNanos = turnNanos;
    services.forEach(service -> service.life().start(turnNanos));
    look();
    while (terminations == 0 || !services.stream().allMatch(Supervisor::isStopped)) {
      turn(events.take(waitNanos(ticker.nanos())));
    }
  }

  private void turn(Optional<Event> first) throws InterruptedException {
    long now = ticker.nanos();
    long lost = now - turnNanos - TURN.toNanos();
    if (lost > LOST.toNanos()) {
      LOG.warn("stood still for {} ms", lost / 1_000_000);
      services.forEach(service -> service.life().forgive(lost));
    }
    turnNanos = now;
    Optional<Event> event = first;
    for (int i = 0; i < MAX_EVENTS && event.isPresent(); i++) {
      Event next = event.get();
      guard(() -> on(next, now));
      event = events.take(0);
    }
    if (terminations > 0) {
      guard(() -> stopLast(now));
    }
    services.forEach(service -> guard(() -> service.life().tick(now)));
    if (now - rotatedNanos > ROTATION.toNanos()) {
      rotatedNanos = now;
      rotation.look(services.stream().map(Supervised::log).toList());
    }
    look();
  }

  /// A fault of ours with one service must not leave the others without a supervisor.
  private static void guard(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.error("a fault in the supervisor", e);
    }
  }

  private long waitNanos(long now) {
    long wait = TURN.toNanos();
    for (Supervised service : services) {
      OptionalLong due = service.life().due();
      if (due.isPresent()) {
        wait = Math.min(wait, Math.max(0, due.getAsLong() - now));
      }
    }
    return wait;
  }

  private void on(Event event, long now) {
    switch (event) {
      case Event.Told(Supervised service, NotifySocket.Notice notice) -> {
        if (!service.life().told(notice.pid(), Telling.parse(notice.lines()), now)) {
          LOG.warn(
              "{}: passed over what pid {} says: it is not its process: {}",
              service.config().name(),
              notice.pid(),
              LogText.escape(notice.lines()));
        }
      }
      case Event.Ended(Supervised service, int pid, var end) -> service.life().ended(pid, end, now);
      case Event.Asked(Supervised service, Event.Order order, CompletableFuture<String> done) -> {
        LOG.info("{}: an operator wants {}", service.config().name(), order);
        onOrder(service.life(), order, now);
        done.complete(service.life().state().label());
      }
      case Event.Terminate() -> {
        terminations++;
        LOG.info(terminations == 1 ? "stopping" : "stopping at once");
        if (terminations > 1) {
          services.forEach(service -> service.life().stopAtOnce(now));
        }
      }
    }
  }

  private void onOrder(ServiceLife life, Event.Order order, long now) {
    switch (order) {
      case START -> life.start(now);
      case STOP -> life.stop(now);
      case RESTART -> life.restart(now);
    }
    if (terminations > 0) {
      life.stop(now);
    }
  }

  /// Stops the last one that runs, with its neighbours of the same kind: what came first may be
  /// what the others need.
  private void stopLast(long now) {
    String kind = null;
    for (Supervised service : services.reversed()) {
      if (kind != null && !kind.equals(service.config().kind())) {
        break;
      }
      service.life().stop(now);
      kind = isStopped(service) ? kind : service.config().kind();
    }
  }

  private static boolean isStopped(Supervised service) {
    return service.life().state() == ServiceState.STOPPED;
  }

  /// Shows the services to who asks, and logs what changed.
  private void look() {
    List<ServicesView.Seen> before = seen;
    List<ServicesView.Seen> after =
        services.stream()
            .map(service ->
                new ServicesView.Seen(
                    service.config(), service.addresses(), service.life().glimpse()))
            .toList();
    seen = after;
    for (int i = 0; i < after.size(); i++) {
      if (before.size() == after.size()) {
        Sentences.changed(before.get(i), after.get(i)).forEach(LOG::info);
      }
    }
  }

  List<ServicesView.Seen> seen() {
    return seen;
  }

  long nowNanos() {
    return ticker.nanos();
  }

  /// Has an operator's wish done.
  ///
  /// @return what its state is then; exceptionally where the supervisor is not listening
  CompletableFuture<String> ask(String name, Event.Order order) {
    Supervised service =
        services.stream()
            .filter(each -> each.config().name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no service is called "
                        + name
                        + "; there are "
                        + services.stream()
                            .limit(MOST_NAMED)
                            .map(each -> each.config().name())
                            .collect(Collectors.joining(", "))));
    CompletableFuture<String> done = new CompletableFuture<>();
    if (!events.offer(new Event.Asked(service, order, done))) {
      done.completeExceptionally(new IllegalStateException("too much waits already"));
    }
    return done;
  }

  /// Has all services stopped, in the reverse order of the file; a second time kills them.
  public void terminate() {
    events.put(new Event.Terminate());
  }

  /// After [#run]: gives back what it holds.
  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    rotation.close();
    services.forEach(Supervised::close);
    turns.close();
    notify.close();
  }
}
