package anycast.routing.admission;

import anycast.routing.feed.lastgood.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A disk that nobody waits for longer than a while: the table's writer is watched, and a device
/// that does not answer must not look like an update that hangs it.
///
/// A step that takes too long fails, and so does each after it until the device has answered: the
/// journal is broken then, is said to be, and is written anew later.
///
/// **Threading.** One thread at a time; the steps themselves run on a daemon thread of this disk's.
/// **Ownership.** The disk below stays its owner's. **Limits.** One step under way, none waiting.
/// **Faults.** `IOException` in a sentence.
public final class PatientDisk implements Disk, AutoCloseable {
  /// Half of what a watchdog gives a thread; a sync takes milliseconds.
  public static final Duration USUAL = Duration.ofSeconds(2);

  private final Disk disk;
  private final Duration most;
  private final ThreadPoolExecutor thread;

  /// The step that was given up; null = none.
  private Future<?> late;

  public PatientDisk(Disk disk, Duration most) {
    this.disk = disk;
    this.most = most;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(1),
            Thread.ofPlatform().name("journal-disk").daemon(true).factory());
  }

  private <T> T step(String what, Callable<T> step) throws IOException {
    if (late != null && !late.isDone()) {
      throw new IOException("the disk does not answer");
    }
    late = null;
    Future<T> doing = thread.submit(step);
    try {
      return doing.get(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      late = doing;
      throw new IOException("the disk takes longer than " + most.toMillis() + " ms to " + what, e);
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case IOException io -> io;
        case Throwable bug -> new IOException("a bug in the disk: " + bug, bug);
      };
    } catch (InterruptedException e) {
      late = doing;
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the disk was to " + what, e);
    }
  }

  private void run(String what, Step step) throws IOException {
    step(
        what,
        () -> {
          step.run();
          return true;
        });
  }

  private interface Step {
    void run() throws IOException;
  }

  @Override
  public List<String> list() throws IOException {
    return step("list its files", disk::list);
  }

  @Override
  public Output create(String name) throws IOException {
    return new PatientOutput(step("create a file", () -> disk.create(name)));
  }

  @Override
  public Input open(String name) throws IOException {
    return new PatientInput(step("open a file", () -> disk.open(name)));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    run("rename a file", () -> disk.rename(from, to));
  }

  @Override
  public void delete(String name) throws IOException {
    run("remove a file", () -> disk.delete(name));
  }

  @Override
  public void syncDirectory() throws IOException {
    run("sync its directory", disk::syncDirectory);
  }

  /// Waits for nothing.
  @Override
  public void close() {
    thread.shutdownNow();
  }

  private final class PatientOutput implements Output {
    private final Output out;

    PatientOutput(Output out) {
      this.out = out;
    }

    /// The bytes are copied: a step that was given up may still read them.
    @Override
    public void append(ByteBuffer bytes) throws IOException {
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      run("append to a file", () -> out.append(copy));
    }

    @Override
    public void sync() throws IOException {
      run("sync a file", out::sync);
    }

    @Override
    public void close() throws IOException {
      run("close a file", out::close);
    }
  }

  private final class PatientInput implements Input {
    private final Input in;

    PatientInput(Input in) {
      this.in = in;
    }

    @Override
    public long sizeBytes() throws IOException {
      return step("tell a file's length", in::sizeBytes);
    }

    @Override
    public void read(ByteBuffer into) throws IOException {
      ByteBuffer copy = ByteBuffer.allocate(into.remaining());
      run("read a file", () -> in.read(copy));
      into.put(copy.flip());
    }

    @Override
    public void close() throws IOException {
      run("close a file", in::close);
    }
  }
}
