package anycast.routing.feed.nats;

import anycast.routing.feed.Backoff;
import anycast.routing.feed.Legible;
import anycast.routing.time.Ticker;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to a cluster, kept up: another server where one does not answer.
///
/// The client's own reconnecting is off: it goes on as if nothing had been missed, and stays with a
/// server that answers pings but has lost its cluster. Here a connection that is lost ends every
/// stream on it at once, and each stream proves where it may go on.
///
/// **Threading.** One virtual thread connects; all methods are for any thread. **Limits.** A
/// connect takes at most two seconds, a request too; a server that answers no ping for three
/// seconds is left.
final class NatsLink implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /// Requests answer in milliseconds, or a leader is being elected.
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration PING_INTERVAL = Duration.ofSeconds(1);
  private static final int MAX_PINGS_OUT = 2;

  private static final int MOST_SERVERS = 64;

  private static final Logger LOG = LoggerFactory.getLogger(NatsLink.class);

  private final NatsConfig config;
  private final String name;
  private final Ticker ticker;
  private final Runnable up;
  private final Semaphore look = new Semaphore(0);
  private final Thread thread;

  private volatile boolean closed;
  private volatile Connection current;
  private volatile String failure = "not connected yet";
  private volatile boolean tried;
  private volatile long lastAnswerNanos;

  // The connecting thread's.
  private final Set<String> servers = new LinkedHashSet<>();

  /// @param name what the servers call this client in their lists
  /// @param up told each time that a connection stands; must not block
  NatsLink(NatsConfig config, String name, Ticker ticker, Runnable up) {
    this.config = config;
    this.name = name;
    this.ticker = ticker;
    this.up = up;
    this.thread = Thread.ofVirtual().name("nats-link").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// The connection that stands.
  ///
  /// @throws IOException in words for an operator, where none does
  Connection connection() throws IOException {
    Connection standing = current;
    if (standing == null || standing.getStatus() != Connection.Status.CONNECTED) {
      throw new IOException(failure);
    }
    return standing;
  }

  /// Whether it is known if a server answers.
  boolean tried() {
    return tried;
  }

  static JetStreamManagement management(Connection connection) throws IOException {
    return connection.jetStreamManagement(
        JetStreamOptions.builder().requestTimeout(REQUEST_TIMEOUT).build());
  }

  /// The cluster answered a request.
  void onAnswer() {
    lastAnswerNanos = ticker.nanos();
  }

  /// A request on `connection` was not answered. Where none was for `patience`, the server may have
  /// lost its cluster: another one is tried.
  void onSilence(Connection connection, Duration patience) {
    if (ticker.nanos() - lastAnswerNanos > patience.toNanos()) {
      drop(connection);
    }
  }

  /// As the other one, of the connection that stands.
  void onSilence(Duration patience) {
    Connection standing = current;
    if (standing != null) {
      onSilence(standing, patience);
    }
  }

  /// Leaves this connection's server for the next one.
  void drop() {
    Connection standing = current;
    if (standing != null) {
      drop(standing);
    }
  }

  private void drop(Connection connection) {
    if (current == connection) {
      current = null;
      failure = "left " + connection.getConnectedUrl() + ", which did not answer";
    }
    // it flushes first, to a server that may not read
    Thread.ofVirtual().name("nats-close").start(() -> end(connection));
    look.release();
  }

  private static void end(Connection connection) {
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    drop();
  }

  private void run() {
    List<String> first = new ArrayList<>(config.servers().stream().map(URI::toString).toList());
    // a fleet that starts in one second must not meet at one server
    Collections.shuffle(first);
    servers.addAll(first);
    Backoff backoff = new Backoff(ThreadLocalRandom.current());
    try {
      while (!closed) {
        Connection standing = current;
        if (standing != null && standing.getStatus() == Connection.Status.CONNECTED) {
          standing.getServers().forEach(this::onServerOfTheCluster);
          look.acquire();
          look.drainPermits();
          continue;
        }
        if (standing != null) {
          failure = "the connection was lost";
        }
        if (connected()) {
          backoff.reset();
        } else {
          TimeUnit.NANOSECONDS.sleep(backoff.nextNanos());
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the link ends");
    }
  }

  /// Tries each server once.
  private boolean connected() throws InterruptedException {
    for (String server : List.copyOf(servers)) {
      // the one that is tried now is the last to be tried again
      servers.remove(server);
      servers.add(server);
      try {
        Connection connection = Nats.connect(options(server));
        if (closed) {
          end(connection);
          return true;
        }
        lastAnswerNanos = ticker.nanos();
        current = connection;
        tried = true;
        LOG.debug("connected to {}", server);
        up.run();
        return true;
      } catch (AuthenticationException e) {
        failure = server + ": refused: " + Legible.text(e.getMessage());
      } catch (IOException e) {
        failure = server + ": cannot connect: " + Legible.text(e.getMessage());
      } catch (IllegalArgumentException e) {
        failure = server + ": " + Legible.text(e.getMessage());
      }
    }
    tried = true;
    return false;
  }

  /// A cluster tells its clients who else is in it, by address: no certificate is made out to that.
  /// It tells so at any time: a server that has just started may not know when a client comes.
  private void onServerOfTheCluster(String server) {
    boolean secured = config.servers().stream().anyMatch(s -> s.getScheme().equals("tls"));
    if (!secured && servers.size() < MOST_SERVERS) {
      servers.add(server);
    }
  }

  private Options options(String server) throws IOException {
    Options.Builder options =
        Options.builder()
            .server(server)
            .connectionName(name)
            .noReconnect()
            .connectionTimeout(CONNECT_TIMEOUT)
            .pingInterval(PING_INTERVAL)
            .maxPingsOut(MAX_PINGS_OUT)
            .connectionListener((_, _) -> look.release())
            .errorListener(new ErrorListener() {});
    switch (config.credentials()) {
      case NatsConfig.Credentials.None _ -> {}
      case NatsConfig.Credentials.Token(String token) -> options.token(token.toCharArray());
      case NatsConfig.Credentials.UserPassword(String user, String password) ->
          options.userInfo(user.toCharArray(), password.toCharArray());
      case NatsConfig.Credentials.CredentialsFile(var file) ->
          options.authHandler(Nats.credentials(file.toString()));
    }
    if (config.trust().isPresent()) {
      options.sslContext(Trust.of(config.trust().get()));
    }
    return options.build();
  }
}
