package anycast.routing.feed.sqlite;

import anycast.routing.time.Ticker;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The store's HTTP server: accepts, and gives each connection a virtual thread.
///
/// HTTP/1.1 read by hand and not by the JDK's server: that one cannot tell that the client of an
/// endless body has left before it writes to it again, which on a quiet table is never.
///
/// **Threading.** One platform thread accepts. [#close] is for any thread, once. **Limits.**
/// Connections at a time.
final class StateServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateServer.class);

  /// A thousand edges with a stream for each table.
  private static final int MAX_CONNECTIONS = 10_000;

  /// File descriptors that connections may not have: database and log of each reader, class path,
  /// backups.
  private static final int KEPT_DESCRIPTORS = 128;

  private static final int BACKLOG = 512;

  /// After nobody could be accepted: no descriptors are left, which lasts.
  private static final long PAUSE_NANOS = 100_000_000L;

  /// Long enough for streams to say their orderly end.
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final StateStore store;
  private final Matching matching;
  private final StateApi api;
  private final ServerSocket listener;
  private final int mostConnections = mostConnections();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ExecutorService conversations = Executors.newVirtualThreadPerTaskExecutor();
  private final Thread acceptor;

  private StateServer(
      StateStore store,
      Matching matching,
      ServerSocket listener,
      ServerSettings settings,
      Ticker ticker) {
    this.store = store;
    this.matching = matching;
    this.listener = listener;
    this.api = new StateApi(store, matching, settings, ticker);
    this.acceptor = Thread.ofPlatform().name("state-accept").daemon(false).unstarted(this::accept);
  }

  /// Listens and serves.
  ///
  /// @param store the server closes it with itself
  /// @throws IOException where the address cannot be listened on
  static StateServer start(
      StateStore store, InetSocketAddress address, Optional<String> token, Ticker ticker)
      throws IOException, SQLException {
    return start(store, ServerSettings.of(address).withToken(token), ticker);
  }

  /// Listens and serves.
  ///
  /// @param store the server closes it with itself
  /// @throws IOException where the address cannot be listened on
  static StateServer start(StateStore store, ServerSettings settings, Ticker ticker)
      throws IOException, SQLException {
    ServerSocket listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.bind(settings.address(), BACKLOG);
      Matching matching = new Matching(store, ticker, settings);
      StateServer server = new StateServer(store, matching, listener, settings, ticker);
      matching.start();
      server.acceptor.start();
      return server;
    } catch (IOException | SQLException e) {
      listener.close();
      throw e;
    }
  }

  /// Where it listens.
  URI uri() {
    String host = listener.getInetAddress().getHostAddress();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listener.getLocalPort());
  }

  /// How many streams there are now.
  int subscriberCount() throws InterruptedException {
    return matching.subscriberCount();
  }

  /// Fewer where the process may not open so many files.
  private static int mostConnections() {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean host)) {
      return MAX_CONNECTIONS;
    }
    long most = host.getMaxFileDescriptorCount() - KEPT_DESCRIPTORS;
    if (most < MAX_CONNECTIONS) {
      LOG.warn(
          "at most {} connections at a time, as this process may have {} file descriptors: raise"
              + " the limit (LimitNOFILE= of a unit, ulimit -n)",
          Math.max(1, most),
          host.getMaxFileDescriptorCount());
    }
    return Math.clamp(most, 1, MAX_CONNECTIONS);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        if (connections.size() >= mostConnections) {
          LOG.warn("more than {} connections: one was refused", mostConnections);
          socket.close();
          continue;
        }
        connections.add(socket);
        conversations.execute(() -> converse(socket));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          LOG.warn("accepting failed: {}", e.getMessage());
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  private void converse(Socket socket) {
    try {
      new Conversation(socket, api, matching).run();
    } finally {
      connections.remove(socket);
    }
  }

  /// Ends streams orderly, then everything else, then the store.
  @Override
  public void close() {
    closeQuietly(listener);
    // First nobody writes, then what was written is told, then the streams end.
    api.close();
    matching.close();
    conversations.shutdown();
    try {
      if (!conversations.awaitTermination(50, TimeUnit.MILLISECONDS)) {
        // idle connections wait for a request that is not to come
        connections.forEach(StateServer::shutInput);
        if (!conversations.awaitTermination(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
          connections.forEach(StateServer::closeQuietly);
          conversations.shutdownNow();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    store.close();
  }

  private static void shutInput(Socket socket) {
    try {
      socket.shutdownInput();
    } catch (IOException e) {
      LOG.debug("a connection was closed already");
    }
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      LOG.debug("closing", e);
    }
  }
}
