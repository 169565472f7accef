package anycast.routing.feed.corrosion;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Lines of an endless body, each of bounded length.
///
/// A line beyond the limit is read to its end but not kept: its head and tail tell which row it is,
/// so that one huge row does not end the stream for all others.
///
/// **Threading.** One reader.
final class LineReader {
  /// A line.
  ///
  /// @param bytes holds the line at its start, valid until the next line is read; of an overlong
  ///   one only the first and last [#ENDS_BYTES]
  record Line(byte[] bytes, int length, boolean overlong) {}

  /// A mebibyte: a certificate chain with its key is below 20 kB, a virtual service below 100 kB.
  static final int MAX_LINE_BYTES = 1 << 20;

  /// Both ids and the kind of a change fit in.
  static final int ENDS_BYTES = 80;

  /// Beyond that it is no line but a broken peer.
  private static final long MAX_SKIPPED_BYTES = 64L << 20;

  private final InputStream in;
  private final int maxLineBytes;
  private final byte[] chunk = new byte[16 * 1024];
  private int start;
  private int end;
  private byte[] line = new byte[4 * 1024];

  LineReader(InputStream in) {
    this(in, MAX_LINE_BYTES);
  }

  LineReader(InputStream in, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /// The next line without its end, or null at the end of the body. The last line may lack its end.
  Line next() throws IOException {
    int length = 0;
    while (true) {
      if (start == end && !fill()) {
        return length == 0 ? null : new Line(line, length, false);
      }
      int newline = newline();
      int until = newline < 0 ? end : newline;
      int more = until - start;
      if (length + more > maxLineBytes) {
        return overlong(length);
      }
      if (length + more > line.length) {
        line = Arrays.copyOf(line, Math.max(length + more, Math.min(maxLineBytes, length * 2)));
      }
      System.arraycopy(chunk, start, line, length, more);
      length += more;
      start = newline < 0 ? end : newline + 1;
      if (newline >= 0) {
        return new Line(line, length, false);
      }
    }
  }

  private Line overlong(int length) throws IOException {
    int headLength = Math.min(length, ENDS_BYTES);
    byte[] ends = Arrays.copyOf(line, 2 * ENDS_BYTES);
    int fromChunk = Math.min(ENDS_BYTES - headLength, end - start);
    System.arraycopy(chunk, start, ends, headLength, fromChunk);
    byte[] tail = new byte[ENDS_BYTES];
    int kept = Math.min(length, ENDS_BYTES);
    System.arraycopy(line, length - kept, tail, ENDS_BYTES - kept, kept);
    long skipped = length;
    while (true) {
      int newline = newline();
      int until = newline < 0 ? end : newline;
      keepTail(tail, until);
      skipped += until - start;
      start = newline < 0 ? end : newline + 1;
      if (newline >= 0) {
        System.arraycopy(tail, 0, ends, ENDS_BYTES, ENDS_BYTES);
        return new Line(ends, ends.length, true);
      }
      if (skipped > MAX_SKIPPED_BYTES) {
        throw new IOException("a line of more than " + MAX_SKIPPED_BYTES + " bytes");
      }
      if (!fill()) {
        throw new IOException("the body ended within an overlong line");
      }
    }
  }

  private void keepTail(byte[] tail, int until) {
    int more = Math.min(until - start, tail.length);
    System.arraycopy(tail, more, tail, 0, tail.length - more);
    System.arraycopy(chunk, until - more, tail, tail.length - more, more);
  }

  private int newline() {
    for (int i = start; i < end; i++) {
      if (chunk[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private boolean fill() throws IOException {
    int read = in.read(chunk);
    start = 0;
    end = Math.max(read, 0);
    return read > 0;
  }
}
