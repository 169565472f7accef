package anycast.backhaul.watchdog;

import anycast.routing.time.Ticker;
import java.time.Duration;
import java.util.Map;

/// Tells whoever started this process how it is, by the protocol of `sd_notify(3)`: that it is
/// ready, that it lives, what it does, and that it stops.
///
/// **Threading.** A thread of its own that waits for nobody: the socket does not block, and what it
/// asks answers at once. The methods are for any thread. **Limits.** One message a second, or as
/// often as `WATCHDOG_USEC` wants. **Faults.** Without `NOTIFY_SOCKET` nothing is sent; a message
/// that cannot be sent is sent again in the next turn.
public final class Notifier implements AutoCloseable {
  /// What is asked of the process about once a second, on the notifier's thread; answers at once.
  public interface Told {
    /// Whether the process deserves a beat.
    boolean well();

    /// One line for operators, e.g. `serving, 12 exchanges in flight`.
    String status();
  }

  private Notifier() {}

  /// Begins to tell: until [#ready] that the start goes on.
  ///
  /// @param environment has `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`, or not
  /// @param pid of this process
  public static Notifier open(Map<String, String> environment, long pid, Told told, Ticker ticker) {
    return new Notifier();
  }

  /// The process serves; told as soon as it is well, too.
  public void ready() {}

  /// The process stops, which takes at most `limit`.
  public void stopping(Duration limit) {}

  @Override
  public void close() {}
}
