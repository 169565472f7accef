package anycast.routing.feed.lastgood;

import anycast.routing.document.DocumentReading;
import anycast.routing.model.Entity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Reads one generation, in one pass: nothing of it is handed out before its last byte was
/// verified.
///
/// **Threading.** Its owner's. **Limits.** Holds one block and the entities. A length is believed
/// as far as the file reaches. **Faults.** [Damage] says what is wrong first; an entity whose bytes
/// are as written but that the model refuses is left out and named.
final class TableFileReader {
  /// Names of refused entities that are kept; the count goes on.
  private static final int MAX_NAMED = 10;

  /// The file is not what a writer finished.
  static final class Damage extends Exception {
    private static final long serialVersionUID = 1L;

    Damage(String sentence) {
      super(sentence);
    }
  }

  /// @param refused sentences about entities that were left out
  record Contents(TableFile.Head head, List<Entity> entities, List<String> refused) {}

  private final Disk.Input in;
  private final long size;
  private final EntityReader decoder;
  private final NeighboursByApp entities = new NeighboursByApp();
  private final List<String> refused = new ArrayList<>();
  private ByteBuffer buffer = ByteBuffer.allocate(1 << 17);
  private long position;
  private int checksum;
  private long counted;
  private long refusals;

  TableFileReader(Disk.Input in, DocumentReading documents) throws IOException {
    this.decoder = new EntityReader(documents);
    this.in = in;
    this.size = in.sizeBytes();
  }

  Contents read() throws IOException, Damage {
    TableFile.Head head = head();
    long blocks = 0;
    while (true) {
      fill(Integer.BYTES, 0, "a block");
      int length = buffer.getInt(0);
      if (length == 0) {
        trailer(blocks);
        break;
      }
      block(length, blocks++);
    }
    if (refusals > refused.size()) {
      refused.add((refusals - refused.size()) + " more entities are refused");
    }
    return new Contents(head, entities.drain(), refused);
  }

  private TableFile.Head head() throws IOException, Damage {
    if (size == 0) {
      throw new Damage("is empty");
    }
    fill(Long.BYTES + Integer.BYTES, 0, "its head");
    if (buffer.getLong(0) != TableFile.MAGIC) {
      throw new Damage("is no last-good table");
    }
    int format = buffer.getInt(Long.BYTES);
    if (format != TableFile.FORMAT) {
      throw new Damage("has format " + format + ", this program reads " + TableFile.FORMAT);
    }
    int before = Long.BYTES + Integer.BYTES;
    fill(TableFile.HEAD_BYTES - before, before, "its head");
    verify(TableFile.HEAD_BYTES, "its head");
    return new TableFile.Head(buffer.getLong(12), buffer.getLong(20), buffer.getLong(28));
  }

  private void block(int length, long index) throws IOException, Damage {
    String what = "block " + index;
    long rest = (long) Integer.BYTES + length + TableFile.CHECKSUM_BYTES;
    if (length < 0 || rest > size - position) {
      throw new Damage(what + " is longer than the file");
    }
    fill((int) rest, Integer.BYTES, what);
    verify((int) rest + Integer.BYTES, what);
    int count = buffer.getInt(Integer.BYTES);
    decoder.read(buffer.array(), TableFile.BLOCK_HEAD_BYTES, length);
    int seen = 0;
    while (decoder.hasMore()) {
      int stop = decoder.nextEnd();
      if (stop < 0) {
        throw new Damage(what + " has an entity that is longer than it");
      }
      seen++;
      try {
        entities.add(decoder.next(stop));
      } catch (IllegalArgumentException e) {
        refuse(what + ", entity " + seen + ": " + e.getMessage());
      }
      decoder.skipTo(stop);
    }
    if (seen != count) {
      throw new Damage(what + " has " + seen + " entities, wants " + count);
    }
    counted += seen;
  }

  private void refuse(String sentence) {
    refusals++;
    if (refused.size() < MAX_NAMED) {
      refused.add(sentence);
    }
  }

  private void trailer(long blocks) throws IOException, Damage {
    String what = "its trailer";
    fill(TableFile.TRAILER_BYTES - Integer.BYTES, Integer.BYTES, what);
    verify(TableFile.TRAILER_BYTES, what);
    if (buffer.getLong(4) != counted || buffer.getLong(12) != blocks) {
      throw new Damage("has other entities than its trailer counts");
    }
    if (buffer.getLong(20) != size || position != size) {
      throw new Damage("goes on behind its trailer");
    }
  }

  /// Reads `length` bytes to `offset` of the buffer, behind what is there.
  private void fill(int length, int offset, String what) throws IOException, Damage {
    if (length > size - position) {
      throw new Damage("ends within " + what);
    }
    if (buffer.capacity() < offset + length) {
      buffer = ByteBuffer.allocate(offset + length).put(buffer.array(), 0, offset);
    }
    buffer.limit(offset + length).position(offset);
    in.read(buffer);
    if (buffer.hasRemaining()) {
      throw new Damage("ends within " + what);
    }
    position += length;
  }

  /// The first `length` bytes of the buffer are a part with its checksum.
  private void verify(int length, String what) throws Damage {
    int end = length - TableFile.CHECKSUM_BYTES;
    checksum = TableFile.checksum(checksum, buffer.array(), end);
    if (buffer.getInt(end) != checksum) {
      throw new Damage("has a wrong checksum in " + what);
    }
  }
}
