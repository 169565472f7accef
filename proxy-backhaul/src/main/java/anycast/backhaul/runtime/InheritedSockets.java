package anycast.backhaul.runtime;

import java.io.IOException;
import java.util.Map;
import java.util.OptionalInt;

/// Listening sockets that whoever started this process holds and passed on: `LISTEN_FDS`,
/// `LISTEN_PID`, `LISTEN_FDNAMES` as systemd writes them.
///
/// A socket that outlives the process keeps its queue: who connects while the process is started
/// anew waits instead of being refused.
///
/// **Threading.** One thread, at the start. **Ownership.** Who takes a descriptor closes it, and
/// never shuts it down: that would end it for whoever else has it.
public final class InheritedSockets {
  private InheritedSockets() {}

  /// A process that was started without any.
  public static InheritedSockets none() {
    return new InheritedSockets();
  }

  /// Reads the variables; none of them, or another process' id in them, is nothing inherited.
  ///
  /// @param pid of this process
  /// @throws IOException with one sentence where they are meant for this process and make no sense
  public static InheritedSockets of(Map<String, String> environment, long pid) throws IOException {
    return none();
  }

  /// The descriptor of that name; from then on the caller's.
  public OptionalInt take(String name) {
    return OptionalInt.empty();
  }

  /// Nobody listens on what is left: clients would wait there for ever.
  ///
  /// @throws IOException with one sentence that names what nobody took
  public void checkAllTaken() throws IOException {}
}
