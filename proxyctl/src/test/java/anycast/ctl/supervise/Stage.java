package anycast.ctl.supervise;

import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A supervisor on a thread of the test, with real children.
final class Stage implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  final Supervisor supervisor;
  final Path socket;
  private final Thread thread;

  private Stage(Supervisor supervisor, Path socket) {
    this.supervisor = supervisor;
    this.socket = socket;
    this.thread = Thread.ofPlatform().name("supervisor").start(this::run);
  }

  static Stage open(Path directory, String services) throws Exception {
    return open(directory, services, Ticker.system());
  }

  static Stage open(Path directory, String services, Ticker ticker) throws Exception {
    Path file = directory.resolve("supervisor.yaml");
    Files.writeString(file, "socket: s.sock\nservices:\n" + services);
    return new Stage(Supervisor.open(file, ticker), directory.resolve("s.sock"));
  }

  private void run() {
    try {
      supervisor.run();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  ServicesView.Seen seen(String name) {
    return supervisor.seen().stream()
        .filter(each -> each.config().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  ServiceLife.Glimpse await(String name, Predicate<ServiceLife.Glimpse> wanted)
      throws InterruptedException {
    await(() -> wanted.test(seen(name).glimpse()), () -> seen(name).glimpse().toString());
    return seen(name).glimpse();
  }

  /// A question of a test to the world.
  @FunctionalInterface
  interface Question {
    boolean ask() throws IOException;
  }

  /// Something to say of a failure.
  @FunctionalInterface
  interface Answer {
    String say();
  }

  /// Asks again and again: a process tells nobody that it has gone.
  static void await(Question question, Answer otherwise) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long begin = Ticker.system().nanos();
    try {
      while (!question.ask()) {
        assertTrue(Ticker.system().nanos() - begin < PATIENCE_NANOS, otherwise::say);
        // leaves the processor to what is waited for
        assertTrue(!never.await(2, TimeUnit.MILLISECONDS));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  ServiceLife.Glimpse awaitState(String name, ServiceState state) throws InterruptedException {
    return await(name, glimpse -> glimpse.state() == state);
  }

  /// Waits until the supervisor has stopped its services.
  void awaitEnd() throws InterruptedException {
    thread.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
    assertTrue(!thread.isAlive(), () -> supervisor.seen().toString());
  }

  @Override
  public void close() {
    if (thread.isAlive()) {
      supervisor.terminate();
      supervisor.terminate();
    }
    try {
      awaitEnd();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    supervisor.close();
  }
}
