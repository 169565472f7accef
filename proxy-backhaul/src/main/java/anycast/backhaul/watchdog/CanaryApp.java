package anycast.backhaul.watchdog;

import anycast.routing.model.App;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Reserved;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The app that answers the canary: on loopback, in this process, and by sockets and a thread that
/// it shares with nobody.
///
/// It answers with a secret of this process, so that another process on the same listener cannot
/// answer for this one, and nobody else gets more than a 404.
///
/// **Threading.** A thread of its own that accepts, and a virtual one for each connection, so that
/// whoever else on this host connects and says nothing holds up nobody. **Limits.** One request and
/// five seconds for a connection, [#MAX_CONNECTIONS] at a time, [#MAX_HEAD] bytes for a head.
public final class CanaryApp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CanaryApp.class);

  /// The public port that its service has where there are no listeners with one.
  public static final int PORT = 443;

  private static final int BACKLOG = 128;

  /// Longer than a loop under load takes from connecting to writing.
  private static final int TIMEOUT_MILLIS = 5_000;

  /// The canary has two or three.
  private static final int MAX_CONNECTIONS = 256;

  /// Where none can be accepted: no descriptors are left, which lasts.
  private static final long PAUSE_NANOS = 50_000_000L;

  private static final int MAX_HEAD = 8 << 10;
  private static final int TOKEN_BYTES = 16;

  /// One candidate, one attempt; an app that fails is not left alone for a while: it is what the
  /// canary is to find out.
  private static final ServicePolicy POLICY =
      new ServicePolicy(
          ServicePolicy.Concurrency.REQUESTS,
          ServicePolicy.Spill.SOFT,
          new ServicePolicy.Balance(
              0,
              0,
              ServicePolicy.Affinity.NONE,
              new ServicePolicy.Outlier(
                  0,
                  ServicePolicy.Outlier.USUAL.ejectNanos(),
                  ServicePolicy.Outlier.USUAL.maxPercent(),
                  ServicePolicy.Outlier.USUAL.panicPercent())),
          new ServicePolicy.Queue(0, 1),
          new ServicePolicy.Retry(1, 0, 0, 0, List.of()),
          ServicePolicy.Hedge.NONE,
          new ServicePolicy.Timeouts(0, 0, 0, 0),
          List.of());

  private final ServerSocket listener;
  private final String token;
  private final Thread thread;
  private final Semaphore room = new Semaphore(MAX_CONNECTIONS);

  private CanaryApp(ServerSocket listener, String token) {
    this.listener = listener;
    this.token = token;
    this.thread = Thread.ofPlatform().name("canary-app").daemon(true).unstarted(this::run);
  }

  /// Listens on a port of the kernel's choice.
  public static CanaryApp start() throws IOException {
    byte[] secret = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(secret);
    ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getByName("127.0.0.1"));
    CanaryApp app = new CanaryApp(listener, HexFormat.of().formatHex(secret));
    app.thread.start();
    return app;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// The target that it answers; the answer's body is this without the slash.
  public String path() {
    return "/" + token;
  }

  /// Whether an answer is this process' own.
  public boolean isAnswer(int status, String body) {
    return status == 200 && body.equals(token);
  }

  /// Its rows in the process' table.
  ///
  /// @param node that it runs on, as far as the table is concerned
  /// @param ports public ports of the listeners that lead to it
  public List<Entity> rows(NodeId node, RegionCode region, List<Integer> ports) {
    return List.of(
        new App(Reserved.APP, 1),
        new Service(
            Reserved.APP,
            "canary",
            ports,
            port(),
            Service.AppProtocol.HTTP1,
            false,
            0,
            0,
            1,
            POLICY),
        new Instance(
            Reserved.INSTANCE,
            Reserved.APP,
            node,
            region,
            "127.0.0.1",
            port(),
            Instance.State.STARTED,
            Map.of(),
            1));
  }

  private void run() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (room.tryAcquire()) {
          Thread.ofVirtual().name("canary-app-client").start(() -> serve(client));
        } else {
          client.close();
        }
      } catch (IOException e) {
        LOG.debug("a request to the canary's app came to nothing: {}", e.getMessage());
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setSoTimeout(TIMEOUT_MILLIS);
      answer(client);
    } catch (IOException e) {
      LOG.debug("a request to the canary's app came to nothing: {}", e.getMessage());
    } finally {
      room.release();
    }
  }

  private void answer(Socket client) throws IOException {
    String head = head(client.getInputStream());
    boolean mine = head.startsWith("GET " + path() + " ");
    String body = mine ? token : "";
    String answer =
        "HTTP/1.1 "
            + (mine ? "200 OK" : "404 Not Found")
            + "\r\ncontent-length: "
            + body.length()
            + "\r\nconnection: close\r\n\r\n"
            + body;
    client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    client.shutdownOutput();
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < MAX_HEAD && head.indexOf("\r\n\r\n") < 0) {
      byte[] some = new byte[MAX_HEAD];
      int count = in.read(some);
      if (count < 0) {
        break;
      }
      head.append(new String(some, 0, count, StandardCharsets.ISO_8859_1));
    }
    return head.toString();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.debug("the canary's app did not close: {}", e.getMessage());
    }
  }
}
