package anycast.routing.feed.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A network between client and server that can be cut, or lead elsewhere.
final class Relay implements AutoCloseable {
  private static final String FORGOTTEN = "";

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /// What each connection's client said first, of those that lead on.
  private final Map<Socket, String> wishes = new ConcurrentHashMap<>();

  private volatile URI target;

  Relay(URI target) throws IOException {
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  void leadTo(URI other) {
    target = other;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> join(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void join(Socket client) {
    try {
      Socket server = new Socket(target.getHost(), target.getPort());
      sockets.add(server);
      Thread.ofVirtual().start(() -> pump(client, server, server));
      pump(server, client, server);
    } catch (IOException e) {
      close(client);
    }
  }

  /// @param connection by which it is known
  private void pump(Socket from, Socket to, Socket connection) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[8192];
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        String said = new String(bytes, 0, n, StandardCharsets.ISO_8859_1);
        if (from != connection) {
          wishes.merge(connection, said, String::concat);
        }
        if (!FORGOTTEN.equals(wishes.get(connection))) {
          out.write(bytes, 0, n);
          out.flush();
        }
      }
    } catch (IOException e) {
      // one side ended
    } finally {
      wishes.remove(connection);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is gone
    }
  }

  /// Forgets the connections whose requests contain that, as a firewall does: they stay open, and
  /// nothing passes any more.
  ///
  /// @return how many those are
  int forget(String request) {
    int count = 0;
    for (Map.Entry<Socket, String> wish : wishes.entrySet()) {
      if (wish.getValue().contains(request)) {
        wish.setValue(FORGOTTEN);
        count++;
      }
    }
    return count;
  }

  /// Cuts every connection that there is.
  void cut() {
    sockets.forEach(Relay::close);
    sockets.clear();
  }

  /// Cuts everything and lets nobody in any more.
  void die() throws IOException {
    listener.close();
    cut();
  }

  @Override
  public void close() throws IOException {
    die();
  }
}
