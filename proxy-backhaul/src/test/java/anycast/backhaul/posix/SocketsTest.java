package anycast.backhaul.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sockets made without Java's own.
class SocketsTest {
  @TempDir private Path directory;

  @Test
  void listensWhereTheKernelChooses() throws Exception {
    for (String host : new String[] {"127.0.0.1", "::1"}) {
      try (ListeningSocket socket = ListeningSocket.open(new InetSocketAddress(host, 0), 16);
          Socket client = new Socket()) {
        assertTrue(socket.address().getPort() > 0);
        assertEquals(new InetSocketAddress(host, 1).getAddress(), socket.address().getAddress());
        assertFalse(Descriptors.isInherited(socket.fd()));
        client.connect(socket.address(), 30_000);
        assertTrue(client.isConnected());
      }
    }
  }

  @Test
  void refusesAnAddressThatIsTaken() throws Exception {
    try (ListeningSocket first = ListeningSocket.open(new InetSocketAddress("127.0.0.1", 0), 16)) {
      PosixException refused =
          assertThrows(PosixException.class, () -> ListeningSocket.open(first.address(), 16));
      assertEquals(Errno.EADDRINUSE, refused.errno());
    }
  }

  @Test
  void adoptsOnlyWhatListens() throws Exception {
    try (ListeningSocket socket = ListeningSocket.open(new InetSocketAddress("127.0.0.1", 0), 16)) {
      Libc.inherit(socket.fd(), true);
      ListeningSocket adopted = ListeningSocket.adopt(socket.fd());
      assertEquals(socket.address(), adopted.address());
      assertFalse(Descriptors.isInherited(socket.fd()));
    }
    int datagrams = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM);
    int silent = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM);
    try {
      assertThrows(IllegalArgumentException.class, () -> ListeningSocket.adopt(datagrams));
      assertThrows(IllegalArgumentException.class, () -> ListeningSocket.adopt(silent));
    } finally {
      Libc.close(datagrams);
      Libc.close(silent);
    }
    PosixException refused =
        assertThrows(PosixException.class, () -> ListeningSocket.adopt(silent));
    assertEquals(Errno.EBADF, refused.errno());
  }

  @Test
  void noticesComeWithWhoSentThem() throws Exception {
    Path path = directory.resolve("notify");
    try (NotifySocket socket = NotifySocket.bind(path);
        NotifySender sender = NotifySender.open(path.toString())) {
      sender.send("READY=1\nSTATUS=grün");
      sender.send("WATCHDOG=1");
      assertEquals(
          Optional.of(new NotifySocket.Notice(Libc.getpid(), "READY=1\nSTATUS=grün")),
          socket.receive());
      assertEquals("WATCHDOG=1", socket.receive().orElseThrow().lines());
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void aNoticeOfAnotherProcessHasItsNumber() throws Exception {
    Path path = directory.resolve("notify");
    try (NotifySocket socket = NotifySocket.bind(path)) {
      Process other = new ProcessBuilder(ChildJvm.quick(Tells.class, path)).inheritIO().start();
      NotifySocket.Notice notice = socket.receive().orElseThrow();
      assertTrue(other.waitFor(60, TimeUnit.SECONDS));
      assertEquals(new NotifySocket.Notice((int) other.pid(), "STATUS=other"), notice);
    }
  }

  /// A process that sends one notice.
  static final class Tells {
    private Tells() {}

    public static void main(String[] arguments) throws PosixException {
      try (NotifySender sender = NotifySender.open(arguments[0])) {
        sender.send("STATUS=other");
      }
    }
  }

  @Test
  void namesWithoutAFileAreReachedToo() throws Exception {
    try (NotifySender sender = NotifySender.open("@anycast-nobody-" + Libc.getpid())) {
      PosixException refused = assertThrows(PosixException.class, () -> sender.send("READY=1"));
      assertEquals(Errno.ECONNREFUSED, refused.errno());
    }
  }

  @Test
  void aFullQueueCostsTheMessageAndNotTheSender() throws Exception {
    Path path = directory.resolve("notify");
    try (NotifySocket socket = NotifySocket.bind(path);
        NotifySender sender = NotifySender.open(path.toString())) {
      PosixException refused =
          assertThrows(
              PosixException.class,
              () -> {
                while (true) {
                  sender.send("WATCHDOG=1");
                }
              });
      assertEquals(Errno.EAGAIN, refused.errno());
      assertEquals("WATCHDOG=1", socket.receive().orElseThrow().lines());
    }
  }

  @Test
  void whoReceivesIsWokenByStop() throws Exception {
    NotifySocket socket = NotifySocket.bind(directory.resolve("notify"));
    CompletableFuture<Optional<NotifySocket.Notice>> received = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try (socket) {
                received.complete(socket.receive());
              } catch (PosixException e) {
                received.completeExceptionally(e);
              }
            });
    socket.stop();
    assertEquals(Optional.empty(), received.get(30, TimeUnit.SECONDS));
    reader.join(30_000);
    assertFalse(reader.isAlive());
  }

  @Test
  void saysWhyATextNamesNoSocket() {
    assertThrows(IllegalArgumentException.class, () -> NotifySender.open("relative"));
    assertThrows(IllegalArgumentException.class, () -> NotifySender.open("vsock:2:1"));
    assertThrows(IllegalArgumentException.class, () -> NotifySender.open("/" + "x".repeat(200)));
  }
}
