package anycast.backhaul.watchdog;

import anycast.routing.admission.ContentHash;
import anycast.routing.admission.Stage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;

/// A flight file as it was read: of a process that lives, or of one that is dead.
///
/// Each field by itself is one that was written; fields of a slot that is being written may be of
/// two moments.
public record FlightFile(Head head, List<Slot> slots) {
  public FlightFile {
    slots = List.copyOf(slots);
  }

  /// Of the whole process.
  ///
  /// @param name of the process: its node
  /// @param boot id of the machine's boot; empty where it had none
  /// @param startedMillis wall clock
  /// @param startedNanos the process's ticker at the same moment
  /// @param tickNanos the watchdog's last look, on the same ticker; that of the start before the
  ///   first
  /// @param stoppingMillis wall clock at which it was told to stop; 0 = it was not
  /// @param endedMillis wall clock at which it had stopped in order; 0 = it had not
  /// @param collecting whether it collected garbage most of the time when the watchdog last looked
  public record Head(
      String name,
      long pid,
      String boot,
      long startedMillis,
      long startedNanos,
      long tickNanos,
      long stoppingMillis,
      long endedMillis,
      boolean collecting) {}

  /// Of one thread.
  ///
  /// @param thread its name
  /// @param stage what it does; [Stage#IDLE] where the file says what this version does not know
  /// @param stuck whether the watchdog found it stuck there
  /// @param entry the entry that it evaluates; none where nobody told
  /// @param snapshot version of the snapshot; 0 where there is none
  /// @param key host of the request, or what else is looked for
  /// @param rule that is followed, as `service/rule`; empty before it is found
  /// @param exchange id of the request
  /// @param sinceNanos when this began, on the process's ticker
  public record Slot(
      String thread,
      Stage stage,
      boolean stuck,
      ContentHash entry,
      long snapshot,
      String key,
      String rule,
      String exchange,
      long sinceNanos) {}

  /// What became of reading.
  public sealed interface Read {
    /// It is one.
    record Flight(FlightFile file) implements Read {}

    /// There is no such file.
    record Absent() implements Read {}

    /// @param reason why it cannot be read, after the file's name
    record Unfit(String reason) implements Read {}
  }

  private static final List<Stage> STAGES = List.of(Stage.values());
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /// Reads a file; one that is written at the same time too.
  public static Read read(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size > FlightLayout.bytes(FlightLayout.MAX_SLOTS)) {
        return new Read.Unfit("is too long for a flight file: " + size + " bytes");
      }
      ByteBuffer bytes = ByteBuffer.allocateDirect((int) size);
      while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
        // as long as there is something to read
      }
      return of(MemorySegment.ofBuffer(bytes.flip()));
    } catch (NoSuchFileException e) {
      return new Read.Absent();
    } catch (AccessDeniedException e) {
      return new Read.Unfit("may not be read by this user");
    } catch (IOException e) {
      return new Read.Unfit("cannot be read: " + e.getMessage());
    }
  }

  private static Read of(MemorySegment memory) {
    if (memory.byteSize() < FlightLayout.HEAD_BYTES) {
      return new Read.Unfit("is too short for a flight file: " + memory.byteSize() + " bytes");
    }
    long magic = memory.get(LONG, FlightLayout.MAGIC_AT);
    if (magic == Long.reverseBytes(FlightLayout.MAGIC)) {
      return new Read.Unfit(
          "is of a machine whose byte order is not " + ByteOrder.nativeOrder() + " as here");
    }
    if (magic != FlightLayout.MAGIC) {
      return new Read.Unfit("is no flight file");
    }
    int version = memory.get(INT, FlightLayout.VERSION_AT);
    if (version != FlightLayout.VERSION) {
      return new Read.Unfit(
          "has version " + version + ", and this program reads " + FlightLayout.VERSION);
    }
    int slots = memory.get(INT, FlightLayout.SLOTS_AT);
    if (slots < 0 || slots > FlightLayout.MAX_SLOTS) {
      return new Read.Unfit("says that it has " + slots + " slots");
    }
    if (memory.byteSize() != FlightLayout.bytes(slots)) {
      return new Read.Unfit(
          "has "
              + memory.byteSize()
              + " bytes where "
              + slots
              + " slots make "
              + FlightLayout.bytes(slots));
    }
    return new Read.Flight(
        new FlightFile(
            head(memory), IntStream.range(0, slots).mapToObj(i -> at(memory, i)).toList()));
  }

  private static Slot at(MemorySegment memory, int slot) {
    return slot(memory.asSlice(FlightLayout.bytes(slot), FlightLayout.SLOT_BYTES));
  }

  private static Head head(MemorySegment memory) {
    return new Head(
        FlightLayout.text(memory, FlightLayout.NAME_AT, FlightLayout.NAME_BYTES),
        memory.get(LONG, FlightLayout.PID_AT),
        FlightLayout.text(memory, FlightLayout.BOOT_AT, FlightLayout.BOOT_BYTES),
        memory.get(LONG, FlightLayout.STARTED_MILLIS_AT),
        memory.get(LONG, FlightLayout.STARTED_NANOS_AT),
        memory.get(LONG, FlightLayout.TICK_AT),
        memory.get(LONG, FlightLayout.STOPPING_AT),
        memory.get(LONG, FlightLayout.ENDED_AT),
        memory.get(INT, FlightLayout.COLLECTING_AT) != 0);
  }

  static Slot slot(MemorySegment slot) {
    int stage = slot.get(INT, FlightLayout.STAGE_AT);
    return new Slot(
        FlightLayout.text(slot, FlightLayout.THREAD_AT, FlightLayout.THREAD_BYTES),
        stage >= 0 && stage < STAGES.size() ? STAGES.get(stage) : Stage.IDLE,
        slot.get(INT, FlightLayout.STUCK_AT) != 0,
        new ContentHash(slot.get(LONG, FlightLayout.HIGH_AT), slot.get(LONG, FlightLayout.LOW_AT)),
        slot.get(LONG, FlightLayout.SNAPSHOT_AT),
        FlightLayout.text(slot, FlightLayout.KEY_AT, FlightLayout.KEY_BYTES),
        FlightLayout.text(slot, FlightLayout.RULE_AT, FlightLayout.RULE_BYTES),
        FlightLayout.text(slot, FlightLayout.EXCHANGE_AT, FlightLayout.EXCHANGE_BYTES),
        slot.get(LONG, FlightLayout.SINCE_AT));
  }
}
