package anycast.backhaul.posix;

/// The reasons of refused calls that a caller may tell apart: errno(3), with the numbers of Linux
/// on x86-64 and aarch64.
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int EADDRINUSE = 98;
  public static final int ECONNREFUSED = 111;

  private Errno() {}
}
