package anycast.ctl.supervise;

import anycast.backhaul.posix.Signal;
import java.io.IOException;

/// What [ServiceLife] has done: the only ways in which it touches the world.
interface Hands {
  /// Starts a process. The one before is gone. Whoever connects waits from now on.
  ///
  /// @return its number
  /// @throws IOException where there is none
  int spawn() throws IOException;

  /// There will be no process for a while: whoever connects is refused, and whoever waits in a
  /// queue is reset, until the next [#spawn].
  void refuse();

  /// Sends a signal to the process; SIGKILL to all that it started too.
  void send(Signal signal);

  /// Whether the process may be killed now: of a host that is one at a time.
  ///
  /// @param reason in words
  boolean turn(String reason);

  /// The process has ended and was heard of: clears up after it.
  void gone();
}
