package anycast.routing.admission;

import anycast.routing.feed.lastgood.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Records on disk, appended; written anew when there are too many.
///
/// ```
///  file:    "ADMISSIO" │ format │ number │ record*
///  record:  length │ RecordBytes │ checksum (CRC-32C) of the file's number, the position, both
///  anew:    create N+1.part ─► records ─► sync ─► rename to N+1.log ─► sync directory ─► remove N
/// ```
///
/// A crash at any step leaves a whole file: N until the directory is synced, N+1 from then on. A
/// record that was being appended is torn at worst; the position in its checksum makes bytes of
/// another file or place as wrong as a flipped bit.
///
/// **Threading.** Its owner's. **Limits.** A record is at most [#MAX_RECORD_BYTES]; a file is
/// written anew when it is twice what it was, and 16 MiB more. **Faults.** `IOException` as the
/// disk has it; from then on the journal is broken until it is written anew.
final class Journal {
  private static final String WHOLE = ".log";
  private static final String PARTIAL = ".part";
  private static final String PREFIX = "journal-";
  private static final int NUMBER_DIGITS = 19;

  static final long MAGIC = 0x4144_4d49_5353_494fL;

  /// Grows with each change that a reader of the format before would misread.
  static final int FORMAT = 1;

  static final int HEAD_BYTES = Long.BYTES + Integer.BYTES + Long.BYTES;

  /// A previous version of an entity, a dump, and room.
  static final int MAX_RECORD_BYTES = 4 << 20;

  private static final int CHECKSUM_BYTES = Integer.BYTES;
  private static final long GROWTH_BYTES = 16 << 20;

  /// One system call for so many bytes.
  private static final int CHUNK_BYTES = 1 << 16;

  private final Disk disk;
  private final RecordBytes codec = new RecordBytes();
  private ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES * 2);

  private long number;

  /// Null where it is broken, or not begun.
  private Disk.Output out;

  private long position;
  private long positionWhole;

  Journal(Disk disk) {
    this.disk = disk;
  }

  /// Hands out what is readable of the newest file that has anything.
  ///
  /// @param problems takes a sentence about each part that is not
  void read(Consumer<JournalRecord> to, List<String> problems) {
    List<Long> files;
    try {
      files = numbers(disk.list());
    } catch (IOException e) {
      problems.add("the journal's directory cannot be listed: " + reason(e));
      return;
    }
    number = files.stream().findFirst().orElse(0L);
    for (long file : files) {
      if (read(file, to, problems) > 0) {
        return;
      }
    }
  }

  private int read(long file, Consumer<JournalRecord> to, List<String> problems) {
    String name = name(file, WHOLE);
    int records = 0;
    try (Disk.Input in = disk.open(name)) {
      JournalScan scan = new JournalScan(in, file);
      String head = scan.head();
      if (!head.isEmpty()) {
        problems.add(name + " " + head);
        return 0;
      }
      for (ByteBuffer bytes = scan.next(); bytes != null; bytes = scan.next()) {
        try {
          to.accept(codec.read(bytes));
          records++;
        } catch (IllegalArgumentException e) {
          scan.damage(e.getMessage());
        }
      }
      scan.problems().forEach(problem -> problems.add(name + " " + problem));
    } catch (IOException e) {
      problems.add(name + " cannot be read: " + reason(e));
    }
    return records;
  }

  /// Whether appending is possible.
  boolean isOpen() {
    return out != null;
  }

  /// Whether its file is still where it belongs; also where that cannot be told.
  boolean isThere() {
    try {
      return disk.list().contains(name(number, WHOLE));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /// Whether it is time to write it anew.
  boolean isLong() {
    return position > 2 * positionWhole + GROWTH_BYTES;
  }

  /// Begins a new file with these records; it takes the old one's place when it is durable.
  void begin(Stream<JournalRecord> records) throws IOException {
    abandon();
    long next = number + 1;
    number = next;
    Disk.Output fresh = disk.create(name(next, PARTIAL));
    try {
      position = 0;
      buffer.clear().putLong(MAGIC).putInt(FORMAT).putLong(next);
      for (JournalRecord record : (Iterable<JournalRecord>) records::iterator) {
        add(record);
        if (buffer.position() >= CHUNK_BYTES) {
          flush(fresh);
        }
      }
      flush(fresh);
      fresh.sync();
      disk.rename(name(next, PARTIAL), name(next, WHOLE));
      disk.syncDirectory();
    } catch (IOException | RuntimeException e) {
      giveUp(fresh, name(next, PARTIAL));
      throw e;
    }
    out = fresh;
    positionWhole = position;
    removeOthers();
  }

  /// Appends records.
  ///
  /// @param durable whether they outlive a crash of the machine when this returns; they outlive one
  ///   of the process in any case
  void append(List<? extends JournalRecord> records, boolean durable) throws IOException {
    try {
      buffer.clear();
      for (JournalRecord record : records) {
        add(record);
        if (buffer.position() >= CHUNK_BYTES) {
          flush(out);
        }
      }
      flush(out);
      if (durable) {
        out.sync();
      }
    } catch (IOException | RuntimeException e) {
      abandon();
      throw e;
    }
  }

  /// Lets the file go.
  void close() throws IOException {
    if (out != null) {
      Disk.Output last = out;
      out = null;
      last.close();
    }
  }

  private void abandon() {
    try {
      close();
    } catch (IOException _) {
      // It is given up because of a failure that is told.
    }
  }

  /// What was begun on a full disk has the room that the next try wants.
  private void giveUp(Disk.Output begun, String name) {
    try {
      begun.close();
    } catch (IOException _) {
      // The failure that led here is told.
    }
    remove(name);
  }

  /// One that is too long is left out: it costs its own entry's past, not the journal's.
  private void add(JournalRecord record) {
    ByteBuffer bytes = codec.write(record);
    int length = bytes.remaining();
    if (length > MAX_RECORD_BYTES) {
      return;
    }
    int more = Integer.BYTES + length + CHECKSUM_BYTES;
    if (buffer.remaining() < more) {
      ByteBuffer larger = ByteBuffer.allocate(buffer.capacity() + more);
      buffer = larger.put(buffer.flip());
    }
    long at = position + buffer.position();
    buffer.putInt(length).put(bytes);
    buffer.putInt(checksum(number, at, buffer.array(), buffer.position() - length, length));
  }

  private void flush(Disk.Output to) throws IOException {
    buffer.flip();
    int length = buffer.remaining();
    if (length > 0) {
      to.append(buffer);
      position += length;
    }
    buffer.clear();
  }

  static int checksum(long number, long position, byte[] bytes, int start, int length) {
    CRC32C sum = new CRC32C();
    sum.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(number).putLong(position).flip());
    sum.update(bytes, start, length);
    return (int) sum.getValue();
  }

  private void removeOthers() {
    try {
      for (String name : disk.list()) {
        if (number(name).isPresent() && !name.equals(name(number, WHOLE))) {
          remove(name);
        }
      }
    } catch (IOException _) {
      // The newest one is read in any case.
    }
  }

  /// What is not removed now is removed next time, and keeps no other file.
  private void remove(String name) {
    try {
      disk.delete(name);
    } catch (IOException _) {
      // A directory of a journal's name, for example.
    }
  }

  /// A file system's exception without its class says a file's name and nothing else.
  static String reason(Exception e) {
    return e.getClass() == IOException.class && e.getMessage() != null
        ? e.getMessage()
        : e.toString();
  }

  /// Whole files, newest first.
  private static List<Long> numbers(List<String> names) {
    return names.stream()
        .filter(name -> name.endsWith(WHOLE))
        .map(Journal::number)
        .filter(OptionalLong::isPresent)
        .map(OptionalLong::getAsLong)
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private static String name(long number, String ending) {
    return String.format(Locale.ROOT, "%s%0" + NUMBER_DIGITS + "d%s", PREFIX, number, ending);
  }

  /// Empty for files that are not ours; these stay untouched.
  private static OptionalLong number(String name) {
    String ending = name.endsWith(WHOLE) ? WHOLE : PARTIAL;
    if (!name.startsWith(PREFIX)
        || !name.endsWith(ending)
        || name.length() != PREFIX.length() + NUMBER_DIGITS + ending.length()) {
      return OptionalLong.empty();
    }
    try {
      String digits = name.substring(PREFIX.length(), PREFIX.length() + NUMBER_DIGITS);
      long number = Long.parseLong(digits);
      return number < 0 || number == Long.MAX_VALUE
          ? OptionalLong.empty()
          : OptionalLong.of(number);
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }
}
