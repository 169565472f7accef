package anycast.backhaul.posix;

import java.io.IOException;

/// A call that the kernel refused.
public final class PosixException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  PosixException(String call, int errno, String text) {
    super(call + ": " + text);
    this.errno = errno;
  }

  /// Why, as errno(3) numbers it: see [Errno].
  public int errno() {
    return errno;
  }
}
