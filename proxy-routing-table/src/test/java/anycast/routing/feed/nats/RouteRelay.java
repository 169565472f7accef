package anycast.routing.feed.nats;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The way to one server of a cluster for the others: it can be cut for some of them. Clients go
/// another way.
///
/// Who dials says its name in its first lines.
final class RouteRelay implements AutoCloseable {
  private static final int GREETING_BYTES = 4096;

  /// Shared by the relays of one cluster.
  private final Set<String> cutOff;

  private final String name;
  private final int target;
  private final ServerSocket listener;
  private final Map<Socket, String> dialers = new ConcurrentHashMap<>();

  /// @param name whom it leads to
  /// @param cutOff names of servers that nobody reaches and that reach nobody
  RouteRelay(String name, int target, Set<String> cutOff) throws IOException {
    this.name = name;
    this.target = target;
    this.cutOff = cutOff;
    this.listener = new ServerSocket(NatsServer.freePort(), 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket dialer = listener.accept();
        Thread.ofVirtual().start(() -> join(dialer));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void join(Socket dialer) {
    dialers.put(dialer, "");
    try (dialer;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      Thread.ofVirtual().start(() -> pump(server, dialer));
      greet(dialer, server);
    } catch (IOException e) {
      // one side ended, or was cut off
    } finally {
      dialers.remove(dialer);
    }
  }

  private void greet(Socket dialer, Socket server) throws IOException {
    InputStream in = dialer.getInputStream();
    OutputStream out = server.getOutputStream();
    StringBuilder greeting = new StringBuilder();
    byte[] bytes = new byte[8192];
    for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
      if (greeting.length() < GREETING_BYTES) {
        greeting.append(new String(bytes, 0, n, StandardCharsets.ISO_8859_1));
        dialers.put(dialer, greeting.toString());
      }
      if (isCut(greeting.toString())) {
        return;
      }
      out.write(bytes, 0, n);
      out.flush();
    }
  }

  private boolean isCut(String greeting) {
    return cutOff.stream()
        .anyMatch(cut -> cut.equals(name) || greeting.contains("\"server_name\":\"" + cut + "\""));
  }

  private static void pump(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one side ended
    }
  }

  /// What is cut off is cut now.
  void onCut() {
    dialers.forEach((dialer, greeting) -> {
      if (isCut(greeting)) {
        try {
          dialer.close();
        } catch (IOException e) {
          // it is gone
        }
      }
    });
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket dialer : dialers.keySet()) {
        dialer.close();
      }
    } catch (IOException e) {
      // it is gone
    }
  }
}
