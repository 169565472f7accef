package anycast.routing.pick;

/// Time in the cells of load: steps of 2^20 ns, about a millisecond, in 32 bits, so that a stamp
/// and what it belongs to are one atomic long.
///
/// **Limits.** Goes round after 52 days: what was stamped so long ago may count as new once, for as
/// long as its effect lasts.
final class Tick {
  private static final int SHIFT = 20;

  private Tick() {}

  static int of(long nanos) {
    return (int) (nanos >> SHIFT);
  }

  /// How many steps a length is.
  static int span(long nanos) {
    return (int) Math.min(Integer.MAX_VALUE, nanos >> SHIFT);
  }

  /// Steps since a stamp. Loops read the clock at different moments: a stamp that is a little ahead
  /// is new.
  static int age(int stamp, int tick) {
    int age = tick - stamp;
    return age < 0 && age > -SKEW ? 0 : age & Integer.MAX_VALUE;
  }

  /// No loop plans with a time older than this, about a minute.
  private static final int SKEW = 1 << 16;

  static long pack(int stamp, int value) {
    return (long) stamp << 32 | value & 0xffff_ffffL;
  }

  static int stamp(long cell) {
    return (int) (cell >>> 32);
  }

  static int value(long cell) {
    return (int) cell;
  }
}
