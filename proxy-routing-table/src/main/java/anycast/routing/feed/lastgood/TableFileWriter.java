package anycast.routing.feed.lastgood;

import anycast.routing.model.Entity;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Writes one generation from its head to its trailer.
///
/// **Threading.** Its owner's. **Limits.** Holds one block; a block is larger than [#BLOCK_BYTES]
/// by its last entity at most.
final class TableFileWriter {
  /// Large enough that checksums and system calls cost nothing, small enough for any heap.
  private static final int BLOCK_BYTES = 1 << 16;

  private final Disk.Output out;
  private final EntityWriter block = new EntityWriter();
  private ByteBuffer buffer = ByteBuffer.allocate(BLOCK_BYTES * 2);
  private int checksum;
  private int inBlock;
  private long entities;
  private long blocks;
  private long bytes;

  TableFileWriter(Disk.Output out) {
    this.out = out;
  }

  void begin(TableFile.Head head) throws IOException {
    buffer
        .clear()
        .putLong(TableFile.MAGIC)
        .putInt(TableFile.FORMAT)
        .putLong(head.generation())
        .putLong(head.version())
        .putLong(head.asOfMillis());
    seal();
  }

  void add(Entity entity) throws IOException {
    block.add(entity);
    inBlock++;
    if (block.size() >= BLOCK_BYTES) {
      writeBlock();
    }
  }

  /// Writes what is left and the trailer.
  void finish() throws IOException {
    if (inBlock > 0) {
      writeBlock();
    }
    buffer
        .clear()
        .putInt(0)
        .putLong(entities)
        .putLong(blocks)
        .putLong(bytes + TableFile.TRAILER_BYTES);
    seal();
  }

  long entities() {
    return entities;
  }

  long bytes() {
    return bytes;
  }

  private void writeBlock() throws IOException {
    int length = block.size();
    int whole = TableFile.BLOCK_HEAD_BYTES + length + TableFile.CHECKSUM_BYTES;
    if (buffer.capacity() < whole) {
      buffer = ByteBuffer.allocate(whole);
    }
    buffer.clear().putInt(length).putInt(inBlock).put(block.written());
    seal();
    entities += inBlock;
    blocks++;
    inBlock = 0;
    block.clear();
  }

  /// Adds the checksum to what is in the buffer and writes it.
  private void seal() throws IOException {
    checksum = TableFile.checksum(checksum, buffer.array(), buffer.position());
    buffer.putInt(checksum).flip();
    bytes += buffer.remaining();
    out.append(buffer);
  }
}
