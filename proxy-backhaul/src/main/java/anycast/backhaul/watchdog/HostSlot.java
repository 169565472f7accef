package anycast.backhaul.watchdog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Who of a host may be killed now: one at a time, so that what stalls all of them does not make
/// all of them start cold at once.
///
/// The slot is the file `slot` in the directory that the environment variable [#DIRECTORY_VARIABLE]
/// names; a supervisor sets it for its children and takes the slot too before it kills one. Where
/// it is not set there is no limit.
///
/// ```
///  try the lock ──taken──► wait
///       │ ours
///       ▼
///  stamp younger than the spacing? ──yes──► unlock, wait
///       │ no
///       ▼
///  write a stamp, keep the lock, kill
/// ```
///
/// The lock is a POSIX record lock on the whole file (fcntl(2), what `FileChannel.tryLock` takes).
/// The process that kills itself dies with it, and the kernel frees it; a supervisor that kills
/// another process closes the slot once that one is dead. The stamp is one line of ASCII that
/// replaces the file's content: wall clock in milliseconds, pid of the process that dies, reason in
/// words, separated by single spaces:
///
/// ```
/// 1790000000000 4711 loop-1-2 stands still
/// ```
///
/// Whoever comes next waits until the stamp is [#spacing] old, by which time the one before serves
/// again or never will. A stamp from the future, or one that cannot be read, is no reason to wait.
/// Nobody waits longer than one spacing without a new stamp: a lock that stays held is a process
/// that failed to die, and must not keep the others stuck.
///
/// **Threading.** One thread. **Ownership.** The descriptor. A process has one slot open at a time:
/// the kernel frees a process' lock when it closes any descriptor of the file. **Faults.** A slot
/// that cannot be opened or read limits nobody: a stall must end although a disk is full.
public final class HostSlot implements AutoCloseable {
  /// Names the directory that all instances of a host share.
  public static final String DIRECTORY_VARIABLE = "ANYCAST_HOST_SLOT";

  /// Seconds between two deaths; [#SPACING] where it is not set.
  public static final String SPACING_VARIABLE = "ANYCAST_HOST_SLOT_SECONDS";

  /// Two restarts of a proxy, each with its share of a cold start.
  public static final Duration SPACING = Duration.ofSeconds(10);

  /// An hour: more is a mistake of units.
  private static final long MAX_SPACING_SECONDS = 3600;

  /// A stamp has two numbers and a sentence.
  private static final int MAX_STAMP_BYTES = 256;

  private final Path file;
  private final long spacingMillis;
  private final InstantSource clock;

  private FileChannel channel;
  private FileLock lock;

  /// Wall clock at which this one began to wait for the stamp that it saw last; 0 = it has not.
  private long waitingSinceMillis;

  private long stampSeen;

  /// What [#tryTake] found.
  public enum Turn {
    /// It is ours until this process ends, or [#close].
    TAKEN,
    /// Another one dies, or died a moment ago.
    WAIT
  }

  /// @param directory made if need be
  public HostSlot(Path directory, Duration spacing, InstantSource clock) {
    this.file = directory.resolve("slot");
    this.spacingMillis = spacing.toMillis();
    this.clock = clock;
  }

  /// The slot that the environment names; empty where it names none.
  ///
  /// **Faults.** `IllegalStateException` in a sentence where the spacing is no number of seconds.
  public static Optional<HostSlot> of(Map<String, String> environment, InstantSource clock) {
    String directory = environment.getOrDefault(DIRECTORY_VARIABLE, "");
    return directory.isEmpty()
        ? Optional.empty()
        : Optional.of(new HostSlot(Path.of(directory), spacing(environment), clock));
  }

  private static Duration spacing(Map<String, String> environment) {
    String text = environment.getOrDefault(SPACING_VARIABLE, "");
    if (text.isEmpty()) {
      return SPACING;
    }
    try {
      long seconds = Long.parseLong(text);
      if (seconds >= 0 && seconds <= MAX_SPACING_SECONDS) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalStateException(
        SPACING_VARIABLE + " wants a number of seconds from 0 to " + MAX_SPACING_SECONDS);
  }

  /// Tries once and never waits; the caller comes again in a moment.
  ///
  /// @param pid that dies
  /// @param reason a few words, on one line
  public Turn tryTake(long pid, String reason) {
    long now = clock.millis();
    try {
      open();
      if (lock == null) {
        lock = lock();
      }
      long stamp = stampMillis();
      if (stamp != stampSeen || waitingSinceMillis == 0) {
        stampSeen = stamp;
        waitingSinceMillis = now;
      }
      boolean waitedEnough = now - waitingSinceMillis >= spacingMillis || now < waitingSinceMillis;
      boolean young = stamp <= now && now - stamp < spacingMillis;
      if (lock != null && (!young || waitedEnough)) {
        stamp(now + " " + pid + " " + reason);
        return Turn.TAKEN;
      }
      unlock();
      return waitedEnough ? Turn.TAKEN : Turn.WAIT;
    } catch (IOException e) {
      return Turn.TAKEN;
    }
  }

  private FileLock lock() throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // This very process has it: a supervisor that ends two children waits with the second.
      return null;
    }
  }

  /// How long [#tryTake] may say `WAIT` while nobody else takes it.
  public Duration spacing() {
    return Duration.ofMillis(spacingMillis);
  }

  private void open() throws IOException {
    if (channel == null) {
      Files.createDirectories(file.getParent());
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
  }

  /// 0 = nobody has died yet, or nobody can say when.
  private long stampMillis() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_STAMP_BYTES);
    channel.read(bytes, 0);
    String line = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    int end = line.indexOf(' ');
    try {
      return end < 0 ? 0 : Long.parseLong(line, 0, end, 10);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void stamp(String line) throws IOException {
    String cut = line.substring(0, Math.min(line.length(), MAX_STAMP_BYTES - 1)).replace('\n', ' ');
    ByteBuffer bytes = ByteBuffer.wrap((cut + "\n").getBytes(StandardCharsets.UTF_8));
    channel.truncate(0);
    channel.write(bytes, 0);
  }

  private void unlock() throws IOException {
    if (lock != null) {
      lock.release();
      lock = null;
    }
  }

  /// Gives the slot up: the one who took it lives after all, or another process died by its hand.
  @Override
  public void close() {
    waitingSinceMillis = 0;
    try {
      // Closing releases the lock too.
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The lock is gone with the descriptor, which close(2) frees whatever it answers.
    }
    lock = null;
    channel = null;
  }
}
