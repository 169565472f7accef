package anycast.backhaul.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// `sockaddr_un` of unix(7): a path, or behind `@` a name that no file system knows.
final class UnixAddress {
  /// `sun_path` with its last NUL.
  private static final int MAX_PATH_BYTES = 108;

  private static final int FAMILY_BYTES = 2;

  private UnixAddress() {}

  /// @throws IllegalArgumentException with a sentence, where the text names no socket
  static MemorySegment of(String text, Arena arena) {
    boolean named = text.startsWith("@");
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (!named && !text.startsWith("/") || bytes.length < 2) {
      throw new IllegalArgumentException("wants /a/path or @a-name: " + text);
    }
    if (bytes.length >= MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "is longer than the " + (MAX_PATH_BYTES - 1) + " bytes of a socket's path: " + text);
    }
    if (named) {
      bytes[0] = 0;
    }
    // a path ends with NUL, a name with the address
    MemorySegment address = arena.allocate(FAMILY_BYTES + bytes.length + (named ? 0 : 1), 2);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) Libc.AF_UNIX);
    MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, FAMILY_BYTES, bytes.length);
    return address;
  }
}
