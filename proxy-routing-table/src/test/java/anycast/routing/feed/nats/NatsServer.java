package anycast.routing.feed.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A real nats-server in a directory of its own; it can be killed, stopped in its tracks, and
/// started again on the same port with what it had stored.
public final class NatsServer implements AutoCloseable {
  private static final Random RANDOM = new Random();

  private final Path dir;
  private final String name;
  private final int port;
  private final int pagesPort = freePort();
  private final String more;
  private Process process;

  /// @param more lines of configuration, e.g. a cluster
  NatsServer(Path dir, String name, int port, String more) {
    this.dir = dir;
    this.name = name;
    this.port = port;
    this.more = more;
  }

  /// One that is no cluster, started.
  public static NatsServer alone(Path dir, String more) throws IOException, InterruptedException {
    NatsServer server = new NatsServer(dir, "alone", freePort(), more);
    server.start();
    return server;
  }

  /// Below the range from which the kernel gives ports to clients: a server that is down keeps its
  /// own.
  static int freePort() {
    for (int tries = 0; tries < 1000; tries++) {
      int port = 10_000 + RANDOM.nextInt(22_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (IOException e) {
        // taken
      }
    }
    throw new IllegalStateException("no free port");
  }

  /// What it says of itself, e.g. `/jsz`.
  String page(String path) throws IOException {
    try (var in = URI.create("http://127.0.0.1:" + pagesPort + path).toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  public URI uri() {
    return URI.create("nats://127.0.0.1:" + port);
  }

  String name() {
    return name;
  }

  Path store() {
    return dir.resolve("store");
  }

  void start() throws IOException, InterruptedException {
    Files.createDirectories(dir);
    Path config = dir.resolve("nats.conf");
    Files.writeString(
        config,
        """
        listen: "127.0.0.1:%d"
        http: "127.0.0.1:%d"
        server_name: %s
        jetstream { store_dir: "%s", max_memory_store: 64MB, max_file_store: 2GB }
        %s
        """
            .formatted(port, pagesPort, name, store(), more));
    process =
        new ProcessBuilder("nats-server", "-c", config.toString())
            .redirectErrorStream(true)
            .start();
    CountDownLatch ready = new CountDownLatch(1);
    Path log = dir.resolve("log");
    Process started = process;
    Thread.ofVirtual().start(() -> drain(started, log, ready));
    assertTrue(ready.await(30, TimeUnit.SECONDS), "nats-server did not start, see " + log);
    assertTrue(started.isAlive(), () -> "nats-server ended: " + text(log));
  }

  private static void drain(Process process, Path log, CountDownLatch ready) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        var out = Files.newBufferedWriter(log)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        out.write(line + "\n");
        out.flush();
        if (line.contains("Server is ready")) {
          ready.countDown();
        }
      }
    } catch (IOException e) {
      // killed
    }
    ready.countDown();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
  }

  /// Orderly.
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      kill();
    }
  }

  /// It holds every connection and answers nothing.
  void freeze() throws IOException, InterruptedException {
    signal("-STOP");
  }

  void thaw() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", name, Long.toString(process.pid())).start();
    assertEquals(0, kill.waitFor());
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process.onExit().join();
    }
  }
}
