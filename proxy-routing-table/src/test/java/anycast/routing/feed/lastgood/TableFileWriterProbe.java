package anycast.routing.feed.lastgood;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// Writes files with right checksums around bytes that no writer of entities makes.
final class TableFileWriterProbe {
  private TableFileWriterProbe() {}

  static void write(Disk disk, String name, byte[] entities, int count) {
    ByteBuffer file = ByteBuffer.allocate(200 + entities.length);
    file.putLong(TableFile.MAGIC).putInt(TableFile.FORMAT).putLong(1).putLong(1).putLong(1);
    int sum = TableFile.checksum(0, file.array(), file.position());
    file.putInt(sum);
    byte[] block =
        ByteBuffer.allocate(TableFile.BLOCK_HEAD_BYTES + entities.length)
            .putInt(entities.length)
            .putInt(count)
            .put(entities)
            .array();
    sum = TableFile.checksum(sum, block, block.length);
    file.put(block).putInt(sum);
    byte[] trailer =
        ByteBuffer.allocate(TableFile.TRAILER_BYTES - TableFile.CHECKSUM_BYTES)
            .putInt(0)
            .putLong(count)
            .putLong(1)
            .putLong(file.position() + TableFile.TRAILER_BYTES)
            .array();
    file.put(trailer).putInt(TableFile.checksum(sum, trailer, trailer.length)).flip();
    try (Disk.Output out = disk.create(name)) {
      out.append(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
