package anycast.demo;

import java.io.InputStream;

/// The first bytes of [Pattern], to be read.
final class PatternStream extends InputStream {
  private final long lengthBytes;
  private long position;

  PatternStream(long lengthBytes) {
    this.lengthBytes = lengthBytes;
  }

  @Override
  public int read() {
    return position == lengthBytes ? -1 : Pattern.at(position++) & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    if (position == lengthBytes) {
      return -1;
    }
    int count = (int) Math.min(length, lengthBytes - position);
    for (int i = 0; i < count; i++) {
      target[offset + i] = Pattern.at(position++);
    }
    return count;
  }
}
