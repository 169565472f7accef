package anycast.ctl.supervise;

import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.ListeningSocket;
import anycast.backhaul.posix.NotifySocket;
import anycast.backhaul.posix.PosixException;
import anycast.backhaul.posix.Signal;
import anycast.backhaul.posix.Spawn;
import anycast.backhaul.runtime.HostPort;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One service with its real parts: the sockets that it inherits, the socket on which it tells, its
/// process and its log.
///
/// **Threading.** The supervisor's thread. A thread of its own waits for datagrams, and one for the
/// end of each process; both only hand an [Event] over. **Ownership.** All parts; [#close] gives
/// them back, once there is no process.
final class Supervised implements Hands, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervised.class);

  /// `sh` first, as only it knows its own number: `exec` keeps that.
  private static final Path SHELL = Path.of("/bin/sh");

  /// For a thread that has nothing to do but to end.
  private static final long CLOSE_MILLIS = 1000;

  private final ServiceConfig config;
  private final Surroundings surroundings;
  private final List<ListeningSocket> sockets;
  private final NotifySocket notify;
  private final ServiceLife life;
  private final Thread reader;

  /// Null = no process.
  private Child child;

  private Supervised(
      ServiceConfig config,
      Surroundings surroundings,
      List<ListeningSocket> sockets,
      NotifySocket notify) {
    this.config = config;
    this.surroundings = surroundings;
    this.sockets = List.copyOf(sockets);
    this.notify = notify;
    this.life =
        new ServiceLife(config, this, ThreadLocalRandom.current(), surroundings.ticker().nanos());
    this.reader =
        Thread.ofPlatform()
            .daemon()
            .name("notify-" + config.name())
            .unstarted(this::listenToNotices);
  }

  /// What all services of a supervisor share.
  ///
  /// @param diesWithSupervisor whether the kernel ends them with the thread that starts them
  /// @param slot passed on to them
  record Surroundings(
      Ticker ticker,
      EventQueue events,
      KillTurn turns,
      boolean diesWithSupervisor,
      Optional<Path> slot) {}

  /// Listens on its sockets; nothing is started yet.
  ///
  /// @param notifyPath of the socket on which it tells
  /// @throws IOException with a sentence
  static Supervised open(ServiceConfig config, Surroundings surroundings, Path notifyPath)
      throws IOException {
    List<ListeningSocket> sockets = new ArrayList<>();
    try {
      for (ServiceConfig.Listen socket : config.sockets()) {
        sockets.add(listen(config, socket));
      }
      NotifySocket notify = NotifySocket.bind(notifyPath);
      Supervised service = new Supervised(config, surroundings, sockets, notify);
      service.reader.start();
      return service;
    } catch (IllegalArgumentException e) {
      sockets.forEach(ListeningSocket::close);
      throw new IOException(config.name() + " cannot be heard: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      sockets.forEach(ListeningSocket::close);
      throw e;
    }
  }

  private static ListeningSocket listen(ServiceConfig config, ServiceConfig.Listen socket)
      throws IOException {
    try {
      if (socket.listen().resolved().isUnresolved()) {
        throw new IOException("unknown host");
      }
      return ListeningSocket.open(socket.listen().resolved(), ListeningSocket.DEFAULT_BACKLOG);
    } catch (IOException e) {
      throw new IOException(config.name() + " " + socket.listen().unbound(e), e);
    }
  }

  ServiceConfig config() {
    return config;
  }

  ServiceLife life() {
    return life;
  }

  /// Where it can be reached, in the order of the file.
  List<HostPort> addresses() {
    return sockets.stream().map(socket -> HostPort.of(socket.address())).toList();
  }

  private void listenToNotices() {
    try (notify) {
      Optional<NotifySocket.Notice> notice = notify.receive();
      while (notice.isPresent()) {
        surroundings.events().put(new Event.Told(this, notice.get()));
        notice = notify.receive();
      }
    } catch (PosixException e) {
      LOG.error("{}: nothing is heard of it any more", config.name(), e);
    }
  }

  @Override
  public int spawn() throws IOException {
    if (!Files.isDirectory(config.directory())) {
      throw new IOException("its directory is not there: " + config.directory());
    }
    if (!Files.isDirectory(config.log().getParent())) {
      throw new IOException("its log's directory is not there: " + config.log().getParent());
    }
    for (ListeningSocket socket : sockets) {
      socket.listen();
    }
    ChildCommand command =
        new ChildCommand(config, surroundings.diesWithSupervisor(), surroundings.slot());
    Child started =
        new Spawn(
                SHELL,
                command.arguments(),
                command.environment(System.getenv(), notify.path()),
                config.directory(),
                config.log(),
                sockets.stream().map(ListeningSocket::fd).toList())
            .start();
    try {
      Thread.ofPlatform().daemon().name("wait-" + config.name()).start(() -> awaitEnd(started));
    } catch (OutOfMemoryError e) {
      // No thread is left: a process whose end nobody sees would be a second one soon.
      started.signal(Signal.KILL);
      started.reap();
      throw new IOException("nobody can wait for its end", e);
    }
    child = started;
    return started.pid();
  }

  @Override
  public void refuse() {
    for (ListeningSocket socket : sockets) {
      try {
        socket.refuse();
      } catch (PosixException e) {
        LOG.warn("{}: who connects to {} hangs", config.name(), socket.address(), e);
      }
    }
  }

  private void awaitEnd(Child started) {
    try {
      surroundings.events().put(new Event.Ended(this, started.pid(), started.awaitEnd()));
    } catch (PosixException e) {
      LOG.error("{}: its end cannot be seen", config.name(), e);
    }
  }

  @Override
  public void send(Signal signal) {
    try {
      child.signal(signal);
      if (signal == Signal.KILL) {
        child.signalGroup(signal);
      }
    } catch (PosixException e) {
      LOG.warn("{}: SIG{} did not reach pid {}", config.name(), signal, child.pid(), e);
    }
  }

  @Override
  public boolean turn(String reason) {
    return surroundings
        .turns()
        .take(config.name(), child.pid(), reason, surroundings.ticker().nanos());
  }

  @Override
  public void gone() {
    try {
      // what it started and did not end
      child.signalGroup(Signal.KILL);
      child.reap();
    } catch (PosixException e) {
      LOG.warn("{}: pid {} is not cleared up after", config.name(), child.pid(), e);
    }
    child = null;
    surroundings.turns().give(config.name());
  }

  LogFile log() {
    return new LogFile(config.log(), LogFile.MAX_BYTES);
  }

  @Override
  public void close() {
    sockets.forEach(ListeningSocket::close);
    notify.stop();
    try {
      // it gives the socket back
      reader.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
