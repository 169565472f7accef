package anycast.backhaul.watchdog;

import static org.junit.jupiter.api.Assertions.fail;

import anycast.backhaul.posix.NotifySocket;
import anycast.backhaul.posix.PosixException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The other end of `NOTIFY_SOCKET`: a real socket, and what came to it.
public final class Supervising implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 30;

  private final NotifySocket socket;
  private final BlockingQueue<String> notices = new LinkedBlockingQueue<>();
  private final Thread thread;

  public Supervising(Path directory) throws Exception {
    socket = NotifySocket.bind(directory.resolve("notify"));
    thread = Thread.ofPlatform().name("supervising").daemon(true).start(this::run);
  }

  private void run() {
    try {
      Optional<NotifySocket.Notice> notice = socket.receive();
      while (notice.isPresent()) {
        notices.add(notice.get().lines());
        notice = socket.receive();
      }
    } catch (PosixException e) {
      notices.add("broken: " + e.getMessage());
    }
  }

  public String path() {
    return socket.path().toString();
  }

  /// The next message, whatever it says.
  public List<String> next() throws InterruptedException {
    String notice = notices.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    return notice == null ? fail("nothing was told") : notice.lines().toList();
  }

  /// The next message that has such a line; those before it are returned too.
  public List<List<String>> until(Predicate<String> line) throws InterruptedException {
    long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    List<List<String>> all = new ArrayList<>();
    do {
      if (System.nanoTime() - untilNanos > 0) {
        fail("was not told: " + all);
      }
      all.add(next());
    } while (all.getLast().stream().noneMatch(line));
    return all;
  }

  public boolean isSilent() {
    return notices.isEmpty();
  }

  @Override
  public void close() {
    socket.stop();
    while (thread.isAlive()) {
      Thread.onSpinWait();
    }
    socket.close();
  }
}
