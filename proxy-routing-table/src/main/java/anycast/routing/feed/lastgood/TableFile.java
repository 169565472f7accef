package anycast.routing.feed.lastgood;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The format of one generation.
///
/// ```
///  head     "LASTGOOD" │ format │ generation │ snapshot version │ as of, ms │ checksum
///  block*   length > 0 │ entities in it      │ entities (EntityWriter)      │ checksum
///  trailer  0 │ entities in all │ blocks │ bytes of the file │ checksum
/// ```
///
/// Numbers are big-endian. Each checksum (CRC-32C) begins with the one before it: so a block of
/// another file, a block missing and two blocks in each other's place are as wrong as a flipped
/// bit, and the trailer's checksum is the whole file's.
final class TableFile {
  /// Grows with each change that a reader of the format before would misread.
  static final int FORMAT = 1;

  static final long MAGIC = 0x4c41_5354_474f_4f44L;
  static final int HEAD_BYTES = 8 + 4 + 8 + 8 + 8 + 4;
  static final int BLOCK_HEAD_BYTES = 4 + 4;
  static final int CHECKSUM_BYTES = 4;

  /// With the length 0 in front, which no block has.
  static final int TRAILER_BYTES = 4 + 8 + 8 + 8 + 4;

  private TableFile() {}

  /// @param bytes of the array, from 0 on
  static int checksum(int before, byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(ByteBuffer.allocate(CHECKSUM_BYTES).putInt(before).flip());
    sum.update(bytes, 0, length);
    return (int) sum.getValue();
  }

  /// @param asOfMillis wall clock at which a source vouched for the table
  record Head(long generation, long version, long asOfMillis) {}
}
