package anycast.routing.feed.sqlite;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Lines that go out together, encoded once for all readers: as one chunk of an HTTP/1.1 body (RFC
/// 9112 §7.1), so that a batch is one write a reader.
///
/// Public for the simulation, which takes the text.
///
/// **Threading.** Immutable; the bytes are shared and must not be written to.
public final class LineBatch {
  private static final byte[] CRLF = {'\r', '\n'};

  private final byte[] chunk;
  private final int textFrom;
  private final int lines;

  private LineBatch(byte[] chunk, int textFrom, int lines) {
    this.chunk = chunk;
    this.textFrom = textFrom;
    this.lines = lines;
  }

  /// @param lines at least one, each with its newline
  static LineBatch of(List<byte[]> lines) {
    int textBytes = 0;
    for (byte[] line : lines) {
      textBytes = Math.addExact(textBytes, line.length);
    }
    byte[] size = Integer.toHexString(textBytes).getBytes(StandardCharsets.ISO_8859_1);
    int textFrom = size.length + CRLF.length;
    byte[] chunk = Arrays.copyOf(size, textFrom + textBytes + CRLF.length);
    System.arraycopy(CRLF, 0, chunk, size.length, CRLF.length);
    int at = textFrom;
    for (byte[] line : lines) {
      System.arraycopy(line, 0, chunk, at, line.length);
      at += line.length;
    }
    System.arraycopy(CRLF, 0, chunk, at, CRLF.length);
    return new LineBatch(chunk, textFrom, lines.size());
  }

  /// The chunk with its frame; shared, not to be written to.
  byte[] chunk() {
    return chunk;
  }

  /// How many lines it holds.
  public int lines() {
    return lines;
  }

  /// What it weighs in a queue.
  int bytes() {
    return chunk.length;
  }

  /// The lines as a client reads them, each with its newline; a copy.
  public byte[] text() {
    return Arrays.copyOfRange(chunk, textFrom, chunk.length - CRLF.length);
  }
}
