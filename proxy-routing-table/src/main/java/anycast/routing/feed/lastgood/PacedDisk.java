package anycast.routing.feed.lastgood;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A disk that rests after each write, so that saving takes a small part of one core and of the
/// disk while requests are served.
///
/// **Threading.** One thread at a time; [#hurry] is for any.
final class PacedDisk implements Disk {
  /// A million instances in some three seconds, at a tenth of a core.
  private static final long BYTES_PER_SECOND = 64L << 20;

  private final Disk disk;
  private volatile boolean hurried;

  PacedDisk(Disk disk) {
    this.disk = disk;
  }

  /// No more rests: somebody waits.
  void hurry() {
    hurried = true;
  }

  @Override
  public Output create(String name) throws IOException {
    return new Paced(disk.create(name));
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public Input open(String name) throws IOException {
    return disk.open(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    disk.syncDirectory();
  }

  private final class Paced implements Output {
    private final Output out;

    Paced(Output out) {
      this.out = out;
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      long nanos = bytes.remaining() * TimeUnit.SECONDS.toNanos(1) / BYTES_PER_SECOND;
      out.append(bytes);
      if (!hurried) {
        LockSupport.parkNanos(nanos);
      }
    }

    @Override
    public void sync() throws IOException {
      out.sync();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
