package anycast.backhaul.worker;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A listening socket that somebody holds for a worker that is away: the kernel takes connections,
/// and nobody answers them until [#accept].
final class HeldSocket implements Closeable {
  private final ServerSocket listener;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /// @param target port of the worker that comes back
  HeldSocket(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
  }

  int port() {
    return listener.getLocalPort();
  }

  /// The worker is back, and finds who waits in the queue.
  void accept() {
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              pass(listener.accept(), target, sockets);
            }
          } catch (IOException e) {
            // Closed.
          }
        });
  }

  /// Passes bytes both ways until one end closes.
  static void pass(Socket near, int target, List<Socket> sockets) throws IOException {
    Socket far = new Socket("127.0.0.1", target);
    sockets.add(near);
    sockets.add(far);
    Thread.ofVirtual().start(() -> pass(near, far));
    Thread.ofVirtual().start(() -> pass(far, near));
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of them was closed.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
