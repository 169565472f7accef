package anycast.backhaul.runtime;

import anycast.backhaul.posix.ListeningSocket;
import anycast.backhaul.posix.PosixException;
import anycast.backhaul.posix.Spawn;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Listening sockets that whoever started this process holds and passed on: `LISTEN_FDS`,
/// `LISTEN_PID`, `LISTEN_FDNAMES` as systemd writes them (sd_listen_fds(3)).
///
/// A socket that outlives the process keeps its queue: who connects while the process is started
/// anew waits instead of being refused.
///
/// **Threading.** One thread, at the start. **Ownership.** Who takes a descriptor closes it, and
/// never shuts it down: that would end it for whoever else has it. **Limits.** [#MAX_SOCKETS].
public final class InheritedSockets {
  /// What one message of file descriptors takes (unix(7)); systemd passes no more either.
  private static final int MAX_SOCKETS = 253;

  /// What a socket is called that its unit gives no name.
  private static final String NAMELESS = "unknown";

  private final Map<String, Integer> byName;

  private InheritedSockets(Map<String, Integer> byName) {
    this.byName = byName;
  }

  /// A process that was started without any.
  public static InheritedSockets none() {
    return new InheritedSockets(new LinkedHashMap<>());
  }

  /// Those of this process.
  public static InheritedSockets ofProcess() throws IOException {
    return of(System.getenv(), ProcessHandle.current().pid());
  }

  /// Reads the variables; none of them, or another process' id in them, is nothing inherited.
  ///
  /// The descriptors stay with this process: a child of it would hold the listener open when this
  /// process is gone, and clients would wait for somebody who never accepts.
  ///
  /// @param pid of this process
  /// @throws IOException with one sentence where they are meant for this process and make no sense
  public static InheritedSockets of(Map<String, String> environment, long pid) throws IOException {
    if (!environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid))) {
      return none();
    }
    int count = count(environment.getOrDefault("LISTEN_FDS", ""));
    String[] names = names(environment.get("LISTEN_FDNAMES"), count);
    Map<String, Integer> byName = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      int fd = Spawn.FIRST_FD + i;
      check(fd, names[i]);
      if (byName.putIfAbsent(names[i], fd) != null) {
        throw new IOException(
            "LISTEN_FDNAMES has " + shown(names[i]) + " twice: give each socket a name of its own");
      }
    }
    return new InheritedSockets(byName);
  }

  private static int count(String text) throws IOException {
    try {
      int count = Integer.parseInt(text);
      if (count >= 0 && count <= MAX_SOCKETS) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IOException(
        "LISTEN_FDS wants a number from 0 to " + MAX_SOCKETS + ", got " + shown(text));
  }

  private static String[] names(String text, int count) throws IOException {
    String[] names = new String[count];
    if (text == null) {
      Arrays.fill(names, NAMELESS);
      return names;
    }
    String[] told = count == 0 && text.isEmpty() ? names : text.split(":", -1);
    if (told.length != count) {
      throw new IOException(
          "LISTEN_FDNAMES has " + told.length + " names for " + count + " sockets");
    }
    return told;
  }

  private static void check(int fd, String name) throws IOException {
    try {
      // Not closed here: it is the descriptor's one holder, for whoever takes the name.
      ListeningSocket _ = ListeningSocket.adopt(fd);
    } catch (PosixException | IllegalArgumentException e) {
      throw new IOException(
          "inherited " + named(fd, name) + " cannot be listened on: " + e.getMessage(), e);
    }
  }

  private static String named(int fd, String name) {
    return "descriptor " + fd + " " + shown(name);
  }

  private static String shown(String text) {
    return "'" + LogText.escape(text) + "'";
  }

  /// The descriptor of that name; from then on the caller's.
  public OptionalInt take(String name) {
    Integer fd = byName.remove(name);
    return fd == null ? OptionalInt.empty() : OptionalInt.of(fd);
  }

  /// Nobody listens on what is left: clients would wait there for ever.
  ///
  /// @throws IOException with one sentence that names what nobody took
  public void checkAllTaken() throws IOException {
    for (Map.Entry<String, Integer> left : byName.entrySet()) {
      throw new IOException(
          "inherited "
              + named(left.getValue(), left.getKey())
              + " is no listener's of the configuration: name them alike");
    }
  }
}
