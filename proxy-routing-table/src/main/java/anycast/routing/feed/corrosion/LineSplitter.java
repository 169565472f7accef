package anycast.routing.feed.corrosion;

import java.io.IOException;
import java.util.Arrays;

/// Lines of an endless body, each of bounded length, out of pieces that end anywhere.
///
/// A line beyond the limit is taken in to its end but not kept: its head and tail tell which row it
/// is, so that one huge row does not end the stream for all others.
///
/// **Threading.** One reader. **Ownership.** A pushed piece is looked at until [#next] returns
/// null; it must not change before that.
final class LineSplitter {
  /// A line without its end.
  ///
  /// @param bytes hold the line from `offset`, valid until the next line is asked for; of an
  ///   overlong one only the first and last [#ENDS_BYTES]
  record Line(byte[] bytes, int offset, int length, boolean overlong) {}

  /// A mebibyte: a certificate chain with its key is below 20 kB, a virtual service below 100 kB.
  static final int MAX_LINE_BYTES = 1 << 20;

  /// Both ids and the kind of a change fit in, and a key of the usual length.
  static final int ENDS_BYTES = 256;

  /// Beyond that it is no line but a broken peer.
  private static final long MAX_SKIPPED_BYTES = 64L << 20;

  /// Most lines fit in; a longer one lets it grow, and the next one lets it shrink again.
  private static final int USUAL_LINE_BYTES = 4 * 1024;

  private final int maxLineBytes;

  private byte[] piece = new byte[0];
  private int start;
  private int end;

  /// The line's bytes from earlier pieces; of an overlong one its head and tail.
  private byte[] kept = new byte[USUAL_LINE_BYTES];

  private int keptLength;
  private boolean overlong;
  private long skipped;

  LineSplitter() {
    this(MAX_LINE_BYTES);
  }

  LineSplitter(int maxLineBytes) {
    this.maxLineBytes = maxLineBytes;
  }

  /// Takes the next piece; the one before must be used up.
  void push(byte[] bytes, int offset, int length) {
    piece = bytes;
    start = offset;
    end = offset + length;
  }

  /// The next whole line, or null where more bytes are needed.
  ///
  /// @throws IOException where a line has no end in sight
  Line next() throws IOException {
    int newline = newline();
    int until = newline < 0 ? end : newline;
    int from = start;
    start = newline < 0 ? end : newline + 1;
    if (!overlong && keptLength + (until - from) > maxLineBytes) {
      beginOverlong(from, until);
    } else if (overlong) {
      keepTail(from, until);
    } else if (newline >= 0 && keptLength == 0) {
      return new Line(piece, from, until - from, false);
    } else {
      keep(from, until);
    }
    if (skipped > MAX_SKIPPED_BYTES) {
      throw new IOException("a line of more than " + MAX_SKIPPED_BYTES + " bytes");
    }
    return newline < 0 ? null : ended();
  }

  /// Whether the body, if it ended now, would end within a line.
  boolean withinLine() {
    return overlong || keptLength > 0;
  }

  private Line ended() {
    Line line = new Line(kept, 0, keptLength, overlong);
    boolean grown = kept.length > USUAL_LINE_BYTES;
    if (overlong || grown) {
      kept = new byte[USUAL_LINE_BYTES];
    }
    keptLength = 0;
    overlong = false;
    skipped = 0;
    return line;
  }

  private void keep(int from, int until) {
    int more = until - from;
    if (keptLength + more > kept.length) {
      int doubled = Math.min(maxLineBytes, kept.length * 2);
      kept = Arrays.copyOf(kept, Math.max(keptLength + more, doubled));
    }
    System.arraycopy(piece, from, kept, keptLength, more);
    keptLength += more;
  }

  private void beginOverlong(int from, int until) {
    byte[] ends = new byte[2 * ENDS_BYTES];
    int head = Math.min(keptLength, ENDS_BYTES);
    System.arraycopy(kept, 0, ends, 0, head);
    System.arraycopy(piece, from, ends, head, Math.min(ENDS_BYTES - head, until - from));
    int tail = Math.min(keptLength, ENDS_BYTES);
    System.arraycopy(kept, keptLength - tail, ends, 2 * ENDS_BYTES - tail, tail);
    skipped = keptLength;
    kept = ends;
    keptLength = ends.length;
    overlong = true;
    keepTail(from, until);
  }

  private void keepTail(int from, int until) {
    skipped += until - from;
    int more = Math.min(until - from, ENDS_BYTES);
    System.arraycopy(kept, ENDS_BYTES + more, kept, ENDS_BYTES, ENDS_BYTES - more);
    System.arraycopy(piece, until - more, kept, 2 * ENDS_BYTES - more, more);
  }

  private int newline() {
    for (int i = start; i < end; i++) {
      if (piece[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
