package anycast.routing.admission;

import anycast.routing.feed.lastgood.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Cuts one file of the journal into records, and steps over what is damaged where the next record
/// can be found.
///
/// **Threading.** Its owner's. **Limits.** Holds one record, or a chunk.
final class JournalScan {
  private static final int CHUNK_BYTES = 1 << 16;

  /// Sentences that are kept; the count goes on.
  private static final int MAX_NAMED = 5;

  private final Disk.Input in;
  private final long number;
  private final List<String> problems = new ArrayList<>();
  private ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES).limit(0);

  /// Of the buffer's first byte in the file.
  private long base;

  private long record;
  private int damaged;

  JournalScan(Disk.Input in, long number) {
    this.in = in;
    this.number = number;
  }

  /// Reads the head.
  ///
  /// @return what is wrong with it; empty = nothing
  String head() throws IOException {
    if (!has(Journal.HEAD_BYTES)) {
      return "ends within its head";
    }
    if (buffer.getLong() != Journal.MAGIC) {
      return "is no journal of admission";
    }
    int format = buffer.getInt();
    if (format != Journal.FORMAT) {
      return "has format " + format + ", this program reads " + Journal.FORMAT;
    }
    return buffer.getLong() == number ? "" : "has another file's number";
  }

  /// The next record whose checksum is right; null at the end. Valid until the next call.
  ByteBuffer next() throws IOException {
    while (true) {
      record = base + buffer.position();
      if (!has(Integer.BYTES)) {
        if (buffer.hasRemaining()) {
          damage("ends within a length");
        }
        return null;
      }
      int length = buffer.getInt(buffer.position());
      if (length < 1 || length > Journal.MAX_RECORD_BYTES) {
        damage("no record begins here; what follows cannot be told apart");
        return null;
      }
      if (!has(Integer.BYTES + length + Integer.BYTES)) {
        damage("ends within a record");
        return null;
      }
      int start = buffer.position() + Integer.BYTES;
      int sum = Journal.checksum(number, record, buffer.array(), start, length);
      buffer.position(start + length);
      if (buffer.getInt() == sum) {
        return buffer.slice(start, length);
      }
      damage("wrong checksum");
    }
  }

  /// Something is wrong with the record of the last call of [#next].
  void damage(String what) {
    if (damaged++ < MAX_NAMED) {
      problems.add("at byte " + record + ": " + what);
    }
  }

  List<String> problems() {
    if (damaged > MAX_NAMED) {
      problems.add("has " + (damaged - MAX_NAMED) + " more damaged records");
      damaged = MAX_NAMED;
    }
    return problems;
  }

  /// Reads on until that many bytes are there.
  private boolean has(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return true;
    }
    base += buffer.position();
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocate(bytes + CHUNK_BYTES).put(buffer).flip();
    }
    buffer.compact();
    in.read(buffer);
    buffer.flip();
    return buffer.remaining() >= bytes;
  }
}
