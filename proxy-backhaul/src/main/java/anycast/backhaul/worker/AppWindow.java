package anycast.backhaul.worker;

import io.netty.util.internal.PlatformDependent;
import java.util.function.LongSupplier;

/// How far ahead of the edges one event loop's connections to apps read.
///
/// A connection may hold a quarter of a megabyte, which keeps a fast reader busy; hundreds for slow
/// readers together may not: beyond the limit each is held to a sixteenth, and beyond twice the
/// limit nobody reads who has anything under way.
///
/// **Threading.** One event loop.
final class AppWindow {
  /// A link's stream takes 64 to 256 KiB at a time.
  static final int WIDE_BYTES = 256 << 10;

  static final int NARROW_BYTES = 16 << 10;
  static final int CLOSED_BYTES = 1;

  private final long limitBytes;
  private final LongSupplier heldBytes;

  /// @param heldBytes that wait for edges on this loop
  AppWindow(long limitBytes, LongSupplier heldBytes) {
    this.limitBytes = limitBytes;
    this.heldBytes = heldBytes;
  }

  /// An eighth of the memory that buffers may have, for as many loops: a read may be half empty.
  static long limitBytes(int loops) {
    return PlatformDependent.maxDirectMemory() / 8 / loops;
  }

  /// Bytes that one connection may hold now.
  int bytes() {
    long held = heldBytes.getAsLong();
    if (held <= limitBytes) {
      return WIDE_BYTES;
    }
    return held <= 2 * limitBytes ? NARROW_BYTES : CLOSED_BYTES;
  }
}
