package anycast.backhaul.watchdog;

import anycast.backhaul.runtime.LogText;
import anycast.routing.admission.ContentHash;
import anycast.routing.admission.FlightNotes;
import anycast.routing.admission.LastEnd;
import anycast.routing.admission.Stage;
import anycast.routing.time.Ticker;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The flight recorder: a mapped file in which each thread keeps, by plain stores, what it works on
/// now. The kernel keeps it when the process dies, by whatever signal, and the next start reads
/// from it which entry a stuck thread was evaluating.
///
/// The file before is read when this one is opened, and kept as `flight.1` for whoever looks into
/// the death. A process has its file locked as long as it lives, so that nobody takes the file of
/// the living for one of the dead.
///
/// **Threading.** Opened and closed by one thread; the marks are the watchdog's; a slot is its
/// thread's. **Faults.** None that stops a start: where there is no file, slots are memory that
/// nobody reads.
public final class Flight implements AutoCloseable {
  /// The file's name in its directory; the one before has `.1` behind it.
  public static final String FILE = "flight";

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /// The compiler and the feed follower.
  private static final int OTHERS = 2;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /// Records nothing.
  public static final Flight NONE =
      open(Optional.empty(), "", 0, Ticker.system(), InstantSource.system());

  private static final Logger LOG = LoggerFactory.getLogger(Flight.class);

  private final MemorySegment memory;
  private final Optional<FileChannel> file;
  private final Ticker ticker;
  private final InstantSource clock;
  private final List<FlightSlot> loops = new ArrayList<>();
  private final FlightSlot compiler;
  private final FlightSlot follower;
  private final LastEnd lastEnd;

  /// Threads' own slots; only event loops have one.
  private final FastThreadLocal<FlightSlot> here =
      new FastThreadLocal<>() {
        @Override
        protected FlightSlot initialValue() {
          return FlightSlot.NONE;
        }
      };

  private Flight(
      MemorySegment memory,
      Optional<FileChannel> file,
      int loopCount,
      Ticker ticker,
      InstantSource clock,
      LastEnd lastEnd) {
    this.memory = memory;
    this.file = file;
    this.ticker = ticker;
    this.clock = clock;
    this.lastEnd = lastEnd;
    for (int i = 0; i < loopCount; i++) {
      loops.add(slot(i, "loop"));
    }
    compiler = slot(loopCount, "compiler");
    follower = slot(loopCount + 1, "feed-follower");
  }

  private FlightSlot slot(int index, String thread) {
    FlightSlot slot =
        new FlightSlot(memory.asSlice(FlightLayout.bytes(index), FlightLayout.SLOT_BYTES));
    slot.of(thread);
    return slot;
  }

  /// Reads the file before, and begins a new one.
  ///
  /// @param directory empty = nothing is read or kept
  /// @param name of the process: its node
  /// @param loops how many event loops there are
  public static Flight open(
      Optional<Path> directory, String name, int loops, Ticker ticker, InstantSource clock) {
    LastEnd last = LastEnd.NONE;
    if (directory.isPresent()) {
      Path path = directory.get().resolve(FILE);
      try {
        Files.createDirectories(directory.get());
        if (!isStrange(path) && isOfTheLiving(path)) {
          LOG.warn("{} is another process's that lives: nothing is recorded", path);
        } else {
          last = ending(path, name);
          rotate(path);
          FileChannel file = create(path, loops);
          MemorySegment memory =
              file.map(FileChannel.MapMode.READ_WRITE, 0, file.size(), Arena.ofAuto());
          head(memory, name, ticker.nanos(), clock.millis());
          return new Flight(memory, Optional.of(file), loops, ticker, clock, last);
        }
      } catch (IOException e) {
        LOG.warn("{} cannot be kept, nothing is recorded: {}", path, e.toString());
      }
    }
    MemorySegment memory = Arena.ofAuto().allocate(bytes(loops), FlightLayout.SLOT_BYTES);
    return new Flight(memory, Optional.empty(), loops, ticker, clock, last);
  }

  /// Whoever opens a pipe waits for its other end.
  private static boolean isStrange(Path path) {
    return Files.exists(path) && !Files.isRegularFile(path);
  }

  /// A lock ends with its process, however that ends.
  private static boolean isOfTheLiving(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (NoSuchFileException e) {
      return false;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  /// A directory that was copied from another node says nothing about an end of this one.
  private static LastEnd ending(Path path, String name) {
    if (isStrange(path)) {
      LOG.warn("{} is no file: nothing is known of how the process before ended", path);
      return LastEnd.NONE;
    }
    return switch (FlightFile.read(path)) {
      case FlightFile.Read.Flight(FlightFile file)
          when !file.head().name().equals(FlightLayout.name(name)) -> {
        String whose = LogText.escape(file.head().name());
        LOG.warn("{} is {}'s: nothing is known of how {} ended before", path, whose, name);
        yield LastEnd.NONE;
      }
      case FlightFile.Read.Flight(FlightFile file) ->
          Ending.of(file, bootId(), new DumpedStacks(path.toAbsolutePath().getParent()));
      case FlightFile.Read.Absent() -> LastEnd.NONE;
      case FlightFile.Read.Unfit(String reason) -> {
        LOG.warn("{} {}: nothing is known of how the process before ended", path, reason);
        yield LastEnd.NONE;
      }
    };
  }

  private static void rotate(Path path) throws IOException {
    try {
      Files.move(path, path.resolveSibling(FILE + ".1"), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      // the first start
    }
  }

  /// All of it is written before it is mapped: a store into a page that the disk has no room for
  /// would end the process.
  private static FileChannel create(Path path, int loops) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (file.tryLock() == null) {
        throw new IOException("another process has just locked it");
      }
      ByteBuffer zeros = ByteBuffer.allocate((int) bytes(loops));
      while (zeros.hasRemaining()) {
        file.write(zeros);
      }
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static void head(MemorySegment memory, String name, long nanos, long millis) {
    FlightLayout.put(memory, FlightLayout.NAME_AT, FlightLayout.NAME_BYTES, name);
    FlightLayout.put(memory, FlightLayout.BOOT_AT, FlightLayout.BOOT_BYTES, bootId());
    memory.set(LONG, FlightLayout.PID_AT, ProcessHandle.current().pid());
    memory.set(LONG, FlightLayout.STARTED_MILLIS_AT, millis);
    memory.set(LONG, FlightLayout.STARTED_NANOS_AT, nanos);
    memory.set(LONG, FlightLayout.TICK_AT, nanos);
    memory.set(INT, FlightLayout.SLOTS_AT, slots(memory));
    memory.set(INT, FlightLayout.VERSION_AT, FlightLayout.VERSION);
    // Last: without it the file is none.
    FlightLayout.putInOrder(memory, FlightLayout.MAGIC_AT, FlightLayout.MAGIC);
  }

  private static int slots(MemorySegment memory) {
    return (int) ((memory.byteSize() - FlightLayout.HEAD_BYTES) / FlightLayout.SLOT_BYTES);
  }

  private static long bytes(int loops) {
    return FlightLayout.bytes(loops + OTHERS);
  }

  /// Empty where the machine has none.
  private static String bootId() {
    try {
      return Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /// How the process before ended.
  public LastEnd lastEnd() {
    return lastEnd;
  }

  /// The slot of an event loop, by its place among the loops; one that nobody reads where nothing
  /// is recorded.
  public FlightSlot loop(int index) {
    return index < loops.size() ? loops.get(index) : FlightSlot.NONE;
  }

  /// The slot of the thread that asks; where it has none, one that nobody reads.
  public FlightSlot here() {
    return here.get();
  }

  /// From now on the thread that calls has this slot, which is named after it.
  public void take(FlightSlot slot) {
    slot.of(Thread.currentThread().getName());
    here.set(slot);
  }

  /// All slots: those of the loops, the compiler's, the follower's.
  List<FlightSlot> slots() {
    List<FlightSlot> all = new ArrayList<>(loops);
    all.add(compiler);
    all.add(follower);
    return all;
  }

  /// The compiler's slot.
  public FlightSlot compiler() {
    return compiler;
  }

  /// The feed follower's slot.
  public FlightSlot follower() {
    return follower;
  }

  /// Where the compiler writes what it works on.
  public FlightNotes compilerNotes() {
    return (entry, stage) -> compiler.on(entry, stage, 0, ticker.nanos());
  }

  /// A snapshot came into force. The feed follower's: its slot shows the last one, at rest.
  public void published(long snapshot) {
    follower.on(ContentHash.NONE, Stage.PUBLISH, snapshot, ticker.nanos());
    follower.rest();
  }

  /// The watchdog looked round. What began long before this and is not over, was stuck.
  ///
  /// @param collecting whether the process collects garbage most of the time
  public void tick(long nowNanos, boolean collecting) {
    FlightLayout.putInOrder(memory, FlightLayout.TICK_AT, nowNanos);
    FlightLayout.putInOrder(memory, FlightLayout.COLLECTING_AT, collecting ? 1 : 0);
  }

  /// The process was told to stop: whatever it is killed by from now on, nothing is to blame but
  /// what the watchdog finds stuck.
  public void stopping() {
    FlightLayout.putInOrder(memory, FlightLayout.STOPPING_AT, clock.millis());
  }

  /// The process has stopped; in order only if it was told to.
  @Override
  public void close() {
    if (memory.get(LONG, FlightLayout.STOPPING_AT) != 0) {
      FlightLayout.putInOrder(memory, FlightLayout.ENDED_AT, clock.millis());
    }
    file.ifPresent(open -> {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("the flight file did not close: {}", e.getMessage());
      }
    });
  }
}
