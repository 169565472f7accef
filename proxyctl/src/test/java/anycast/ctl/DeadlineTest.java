package anycast.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A process that is in trouble never keeps the operator waiting.
@Timeout(30)
class DeadlineTest {
  @TempDir Path directory;
  private Path socket;
  private ServerSocketChannel listener;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void listen() throws IOException {
    socket = directory.resolve("p.sock");
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket), 1);
    open.add(listener);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void processThatAcceptsAndSaysNothingIsAnErrorAfterTheDeadline() throws Exception {
    answer("");

    assertLate(Ctl.run("--socket", socket, "--timeout", "200ms", "status"));
  }

  @Test
  void processThatStopsInMidAnswerIsAnErrorAfterTheDeadline() throws Exception {
    answer("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");

    assertLate(Ctl.run("--socket", socket, "--timeout", "200ms", "status"));
  }

  @Test
  void processThatDoesNotAcceptIsAnErrorAfterTheDeadline() {
    assertLate(Ctl.run("--socket", socket, "--timeout", "200ms", "status"));
  }

  @Test
  void fullBacklogIsAnErrorAfterTheDeadline() throws Exception {
    // Non-blocking connects succeed until the kernel's queue is full, then say "try again".
    boolean full = false;
    for (int i = 0; i < 100 && !full; i++) {
      SocketChannel waiting = SocketChannel.open(StandardProtocolFamily.UNIX);
      open.add(waiting);
      waiting.configureBlocking(false);
      try {
        full = !waiting.connect(UnixDomainSocketAddress.of(socket));
      } catch (IOException e) {
        full = true;
      }
    }
    assertTrue(full, "the backlog did not fill");

    Ctl ctl = Ctl.run("--socket", socket, "--timeout", "200ms", "status");

    assertLate(ctl);
  }

  @Test
  void deadProcessIsAnErrorAtOnce() throws Exception {
    listener.close();

    Ctl ctl = Ctl.run("--socket", socket, "--timeout", "1m", "status");

    assertEquals(1, ctl.exit());
    assertTrue(ctl.err().contains("Connection refused"), ctl.err());
  }

  @Test
  void fileThatIsNoSocketIsCalledOne() throws Exception {
    Path file = Files.writeString(socket.resolveSibling("edge.yaml"), "node: edge-1");

    Ctl ctl = Ctl.run("--socket", file, "watchdog");

    assertEquals("proxyctl: " + file + " cannot be asked: it is a file and no socket\n", ctl.err());
  }

  @Test
  void nonsenseIsAnErrorAndNoHang() throws Exception {
    for (String nonsense :
        List.of(
            "\u0000",
            "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 xyz\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{x")) {
      Thread peer = answerAndClose(nonsense);
      Ctl ctl = Ctl.run("--socket", socket, "status");
      peer.join();

      assertEquals(1, ctl.exit(), nonsense);
      assertTrue(ctl.err().startsWith("proxyctl: "), ctl.err());
      assertEquals(1, ctl.err().lines().count(), ctl.err());
    }
  }

  private void assertLate(Ctl ctl) {
    assertEquals(1, ctl.exit());
    assertEquals(
        "proxyctl: "
            + socket
            + " did not answer within 200ms: its process is stopped or stuck; proxyctl flight tells"
            + " what it works on\n",
        ctl.err());
  }

  /// Accepts one connection, says `words`, and keeps it open.
  private void answer(String words) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            SocketChannel peer = listener.accept();
            synchronized (open) {
              open.add(peer);
            }
            peer.write(ByteBuffer.wrap(words.getBytes(StandardCharsets.ISO_8859_1)));
          } catch (IOException e) {
            // The test is over.
          }
        });
  }

  private Thread answerAndClose(String words) {
    return Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel peer = listener.accept()) {
            peer.read(ByteBuffer.allocate(4096));
            peer.write(ByteBuffer.wrap(words.getBytes(StandardCharsets.ISO_8859_1)));
          } catch (IOException e) {
            // The test is over.
          }
        });
  }
}
