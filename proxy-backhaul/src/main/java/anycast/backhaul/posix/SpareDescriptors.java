package anycast.backhaul.posix;

/// Descriptors that are held to be given up: who must open something and finds none left gives
/// these back first.
///
/// **Threading.** One thread. **Limits.** As many as were asked for.
public final class SpareDescriptors {
  private final int[] held;
  private int count;

  /// Holds none yet.
  public SpareDescriptors(int most) {
    held = new int[most];
  }

  /// Takes what is missing, as far as there are any.
  public void hold() {
    try {
      while (count < held.length) {
        held[count] = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM);
        count++;
      }
    } catch (PosixException e) {
      // None is left: the next time, perhaps.
    }
  }

  /// Gives them back.
  ///
  /// @return whether there were any
  public boolean release() {
    boolean any = count > 0;
    while (count > 0) {
      count--;
      Libc.close(held[count]);
    }
    return any;
  }
}
