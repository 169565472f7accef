package anycast.ctl.supervise;

import anycast.backhaul.posix.Child;
import anycast.backhaul.posix.NotifySocket;
import java.util.concurrent.CompletableFuture;

/// What reaches the supervisor's thread from others.
sealed interface Event {
  /// A service's socket has a datagram.
  record Told(Supervised service, NotifySocket.Notice notice) implements Event {}

  /// A service's process has ended.
  record Ended(Supervised service, int pid, Child.End end) implements Event {}

  /// An operator wants something.
  ///
  /// @param done completed with the name of the state that followed
  record Asked(Supervised service, Order order, CompletableFuture<String> done) implements Event {}

  /// The supervisor itself is to end; said twice = at once.
  record Terminate() implements Event {}

  /// What an operator may want of a service.
  enum Order {
    START,
    STOP,
    RESTART
  }
}
