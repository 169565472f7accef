package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import anycast.backhaul.runtime.AdminClient;
import anycast.backhaul.runtime.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process whose file descriptors are used up, by clients or by whoever else.
@Timeout(120)
class DescriptorsTest {
  /// A JVM with the class path of the tests has some 150 open.
  private static final int LIMIT = 512;

  /// What clients may not have of so many: an eighth each for what goes out and for all others.
  private static final int KEPT = LIMIT / 4;

  private static final int MANY_REFUSED = 5;
  private static final int DEADLINE_MILLIS = 30_000;

  @TempDir Path directory;
  private final List<Socket> clients = new ArrayList<>();
  private Process process;
  private int port;

  private void start(Transport transport) throws IOException {
    process =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -S -n " + LIMIT + "; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Else the JVM takes what the hard limit allows.
                "-XX:-MaxFDLimit",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DescriptorsMain.class.getName(),
                transport.name(),
                directory.toString())
            .redirectError(directory.resolve("log").toFile())
            .start();
    String told = process.inputReader().readLine();
    // Kernels may forbid io_uring.
    assumeTrue(told != null || transport != Transport.IO_URING, "io_uring does not run here");
    port = Integer.parseInt(told);
  }

  @AfterEach
  void end() throws Exception {
    leave();
    process.destroyForcibly();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
  }

  private void leave() throws IOException {
    for (Socket each : clients) {
      each.close();
    }
    clients.clear();
  }

  private UnixDomainSocketAddress socket() {
    return UnixDomainSocketAddress.of(directory.resolve("a.sock"));
  }

  private void awaitLogged(String text) throws IOException {
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MILLIS);
    while (!Files.readString(directory.resolve("log")).contains(text)) {
      assertTrue(System.nanoTime() - untilNanos < 0, "not in the log: " + text);
    }
  }

  private String ask(String page) throws IOException {
    String answer = AdminClient.get(socket().getPath(), page);
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  /// Whether one more client is greeted; it stays then.
  private boolean comesIn() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    client.setSoTimeout(DEADLINE_MILLIS);
    try {
      if (client.getInputStream().read() == 'x') {
        clients.add(client);
        return true;
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("neither taken nor refused", e);
    } catch (IOException e) {
      // A reset is an end too.
    }
    client.close();
    return false;
  }

  private void fill() throws IOException {
    int refused = 0;
    while (refused < MANY_REFUSED && clients.size() < LIMIT) {
      refused += comesIn() ? 0 : 1;
    }
    assertEquals(MANY_REFUSED, refused, "nobody is refused");
  }

  private void awaitServed() throws IOException {
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MILLIS);
    while (!comesIn()) {
      assertTrue(System.nanoTime() - untilNanos < 0, "nobody is taken any more");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING", "NIO"})
  void clientsThatTakeAllTheyGetLeaveSomeForTheOperatorJournalAndDumps(Transport transport)
      throws Exception {
    start(transport);
    assertEquals("{\"short\":0}", ask("/short"));
    fill();
    assertTrue(clients.size() > LIMIT / 8, clients.size() + " were taken");
    assertTrue(clients.size() < LIMIT - KEPT, clients.size() + " were taken");
    long fastestNanos = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      long begunNanos = System.nanoTime();
      assertEquals("{\"short\":" + MANY_REFUSED + "}", ask("/short"));
      fastestNanos = Math.min(fastestNanos, System.nanoTime() - begunNanos);
    }
    // The best of ten: the machine that runs the tests is shared.
    assertTrue(fastestNanos < Duration.ofMillis(100).toNanos(), fastestNanos + " ns");
    String work = ask("/work");
    assertTrue(work.contains("\"dumps\":1"), work);
    assertTrue(work.contains("\"journal\":\"0 failures \""), work);
    // What goes out has an eighth of its own.
    assertEquals("{\"heard\":\"true true\"}", ask("/dial"));
    leave();
    awaitServed();
  }

  @Test
  void aLimitThatIsRaisedLetsMoreIn() throws Exception {
    start(Transport.EPOLL);
    fill();
    Process raised =
        new ProcessBuilder("prlimit", "--pid=" + process.pid(), "--nofile=" + (LIMIT + KEPT) + ":")
            .inheritIO()
            .start();
    assertEquals(0, raised.waitFor());
    assertTrue(comesIn());
  }

  @Test
  void theOperatorIsHeardWhereNothingIsLeftAtAll() throws Exception {
    start(Transport.EPOLL);
    // What a first answer loads is loaded.
    assertEquals("{\"heard\":\"true true\"}", ask("/dial"));
    // Who asks has the one that the answer gave back. The dial's end is heard on its loop, not on a
    // thread of Netty's own, which an exchange does not expect. What a dial before has open is
    // given
    // back when it likes.
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MILLIS);
    String dialled;
    do {
      assertTrue(System.nanoTime() - untilNanos < 0, "there is always one left");
      assertTrue(ask("/hog").startsWith("{\"hogged\":"));
      dialled = ask("/dial");
    } while (dialled.equals("{\"heard\":\"true true\"}"));
    assertEquals("{\"heard\":\"false true\"}", dialled);
    // This one has it now.
    try (SocketChannel silent = SocketChannel.open(socket())) {
      assertTrue(silent.isConnected());
      for (int i = 0; i < 3; i++) {
        assertTrue(ask("/short").startsWith("{\"short\":"));
      }
      awaitLogged("the admin socket lives on spare file descriptors");
    }
    ask("/free");
    awaitServed();
  }
}
