package anycast.backhaul.worker;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A wire that can be cut or go dead: passes TCP bytes to another port.
final class Relay implements Closeable {
  private final ServerSocket listener;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /// Open while bytes pass.
  private volatile CountDownLatch gate = new CountDownLatch(0);

  final AtomicInteger accepted = new AtomicInteger();

  Relay(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket near = listener.accept();
        gate.await();
        Socket far = new Socket("127.0.0.1", target);
        accepted.incrementAndGet();
        sockets.add(near);
        sockets.add(far);
        Thread.ofVirtual().start(() -> pass(near, far));
        Thread.ofVirtual().start(() -> pass(far, near));
      }
    } catch (IOException | InterruptedException e) {
      // Closed.
    }
  }

  private void pass(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[16 << 10];
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        gate.await();
        out.write(bytes, 0, read);
      }
    } catch (IOException | InterruptedException e) {
      // Cut.
    }
  }

  /// Connections stay and new ones come about, as the kernel sees to that; nothing passes.
  void freeze() {
    gate = new CountDownLatch(1);
  }

  void thaw() {
    gate.countDown();
  }

  void cut() {
    for (Socket socket : sockets) {
      try (socket) {
        socket.setSoLinger(true, 0);
      } catch (IOException e) {
        // The other direction was faster.
      }
    }
    sockets.clear();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
    thaw();
  }
}
