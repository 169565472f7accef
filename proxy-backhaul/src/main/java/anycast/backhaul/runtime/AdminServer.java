package anycast.backhaul.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// The operator's door.
public final class AdminServer implements AutoCloseable {
  private AdminServer() {}

  /// Serves `answers`, by path such as `/status`, on a Unix domain socket that only this user may
  /// use.
  ///
  /// **Faults.** `IOException` with one sentence where the socket cannot be made, or another
  /// process answers on it.
  public static AdminServer start(Path socket, Map<String, AdminAnswer> answers)
      throws IOException {
    throw new UnsupportedOperationException(socket + " " + answers.keySet());
  }

  @Override
  public void close() {}
}
