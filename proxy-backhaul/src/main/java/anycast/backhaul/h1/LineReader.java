package anycast.backhaul.h1;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// Takes a head apart into lines, which end in CR LF and nothing else (RFC 9112 §2.2 lets us refuse
/// a lone LF).
///
/// Bytes are copied out of the buffer once, as walking an array is cheaper than walking a direct
/// buffer. The search for a line's end goes on where it stopped, so that a head that trickles in
/// costs no more than one that comes whole.
///
/// **Threading.** One owner. **Limits.** A line and all lines together are bounded; the array holds
/// one unfinished line and one step of what follows it.
final class LineReader {
  /// What the next line is.
  enum Line {
    MORE,
    LINE,
    BARE_LF,
    LINE_TOO_LONG,
    ALL_TOO_LONG
  }

  private static final int STEP_BYTES = 1024;

  private final int maxAllBytes;
  private byte[] bytes = new byte[STEP_BYTES];

  /// First byte of the line that is being read, end of what has been copied, and how far no LF was
  /// found.
  private int start;

  private int filled;
  private int searched;

  private int takenBytes;
  private int lineStart;
  private int lineEnd;

  /// @param maxAllBytes bound of all lines since [#clear], with their ends
  LineReader(int maxAllBytes) {
    this.maxAllBytes = maxAllBytes;
  }

  byte[] array() {
    return bytes;
  }

  int lineStart() {
    return lineStart;
  }

  /// Behind the line's last byte, CR and LF left out.
  int lineEnd() {
    return lineEnd;
  }

  /// Bytes of the unfinished line.
  int pendingBytes() {
    return filled - start;
  }

  byte firstPending() {
    return bytes[start];
  }

  /// Whether the unfinished line is the beginning of `wanted`, or goes on behind it.
  boolean pendingAgreesWith(byte[] wanted) {
    int count = Math.min(pendingBytes(), wanted.length);
    return Arrays.equals(bytes, start, start + count, wanted, 0, count);
  }

  /// Reads up to the next line's end. Positions are valid until the next call.
  Line next(ByteBuf in, int maxLineBytes) {
    while (true) {
      for (int i = searched; i < filled; i++) {
        if (bytes[i] == '\n') {
          return line(i, maxLineBytes);
        }
      }
      searched = filled;
      if (filled - start > maxLineBytes + 1) {
        return Line.LINE_TOO_LONG;
      }
      if (takenBytes + filled - start > maxAllBytes) {
        return Line.ALL_TOO_LONG;
      }
      if (!in.isReadable()) {
        return Line.MORE;
      }
      fill(in);
    }
  }

  private Line line(int lf, int maxLineBytes) {
    if (lf == start || bytes[lf - 1] != '\r') {
      return Line.BARE_LF;
    }
    takenBytes += lf + 1 - start;
    lineStart = start;
    lineEnd = lf - 1;
    start = lf + 1;
    searched = start;
    if (lineEnd - lineStart > maxLineBytes) {
      return Line.LINE_TOO_LONG;
    }
    return takenBytes > maxAllBytes ? Line.ALL_TOO_LONG : Line.LINE;
  }

  private void fill(ByteBuf in) {
    if (start > 0) {
      System.arraycopy(bytes, start, bytes, 0, filled - start);
      filled -= start;
      searched -= start;
      start = 0;
    }
    if (bytes.length - filled < STEP_BYTES / 2) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    int count = Math.min(in.readableBytes(), bytes.length - filled);
    in.readBytes(bytes, filled, count);
    filled += count;
  }

  /// Gives back what was copied beyond the last line, and begins anew.
  void end(ByteBuf in) {
    in.readerIndex(in.readerIndex() - (filled - start));
    clear();
  }

  void clear() {
    start = 0;
    filled = 0;
    searched = 0;
    takenBytes = 0;
    if (bytes.length > STEP_BYTES) {
      bytes = new byte[STEP_BYTES];
    }
  }
}
