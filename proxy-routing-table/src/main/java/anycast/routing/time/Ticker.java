package anycast.routing.time;

/// The only clock. Tests pass their own; nobody else calls `System.nanoTime`.
///
/// **Threading.** Implementations are callable from any thread.
@FunctionalInterface
public interface Ticker {
  /// Nanoseconds since an arbitrary, fixed origin; never goes back.
  long nanos();

  /// The machine's monotonic clock.
  static Ticker system() {
    return System::nanoTime;
  }
}
