package anycast.backhaul.worker;

import anycast.backhaul.identity.Identity;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A peer that does something bad to the first link that is dialled to it, and passes the next ones
/// on to a worker.
final class FirstLink implements Closeable {
  /// What becomes of the first link.
  enum Fate {
    /// Nobody listens.
    REFUSED,
    /// Reset when TLS has begun.
    RESET,
    /// Accepted, and not a byte comes.
    SILENT,
    /// Closed when TLS is agreed on, before a word of HTTP/2.
    CLOSED
  }

  private final Fate fate;
  private final int target;
  private final int closer;
  private final InetSocketAddress address;
  private final List<Closeable> open = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile boolean bad = true;
  private volatile boolean always;

  private FirstLink(Fate fate, int target, int closer, InetSocketAddress address) {
    this.fate = fate;
    this.target = target;
    this.closer = closer;
    this.address = address;
  }

  /// @param target port of the worker
  /// @param worker whose name the peer shows
  static FirstLink open(Fate fate, int target, Identity worker) throws Exception {
    // Of this address the kernel lends nobody a port while it is closed.
    ServerSocket listener = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.66"));
    TlsCloser closer = fate == Fate.CLOSED ? TlsCloser.start(worker) : null;
    FirstLink peer =
        new FirstLink(
            fate,
            target,
            closer == null ? 0 : closer.port(),
            (InetSocketAddress) listener.getLocalSocketAddress());
    if (closer != null) {
      peer.open.add(closer);
    }
    if (fate == Fate.REFUSED) {
      listener.close();
    } else {
      peer.serve(listener);
    }
    return peer;
  }

  String address() {
    return address.getHostString() + ":" + address.getPort();
  }

  /// It is as bad to all that follow.
  void everyLink() {
    always = true;
  }

  /// Waits until the first link is dealt with, where that can be seen from here.
  void awaitFirst() throws InterruptedException {
    if (fate != Fate.REFUSED && !first.await(Call.DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody dialled");
    }
  }

  /// Listens, where it did not before.
  void mend() throws IOException {
    if (fate == Fate.REFUSED) {
      bad = false;
      serve(new ServerSocket(address.getPort(), 64, address.getAddress()));
    }
  }

  private void serve(ServerSocket listener) {
    open.add(listener);
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              on(listener.accept());
            }
          } catch (IOException e) {
            // Closed.
          }
        });
  }

  private void on(Socket link) throws IOException {
    open.add(link);
    if (!bad) {
      HeldSocket.pass(link, target, sockets);
      return;
    }
    bad = always;
    switch (fate) {
      case RESET -> {
        link.getInputStream().read();
        link.setSoLinger(true, 0);
        link.close();
      }
      case CLOSED -> HeldSocket.pass(link, closer, sockets);
      case SILENT, REFUSED -> {}
    }
    first.countDown();
  }

  @Override
  public void close() throws IOException {
    for (Closeable each : open) {
      each.close();
    }
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
