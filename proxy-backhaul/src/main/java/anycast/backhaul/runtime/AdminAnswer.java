package anycast.backhaul.runtime;

import java.util.Map;

/// Answers one path of the admin socket.
///
/// **Threading.** Called on an admin thread, never on an event loop; may block for as long as an
/// operator waits, and never waits for an event loop: the operator asks because one is stuck.
@FunctionalInterface
public interface AdminAnswer {
  /// @param query decoded parameters; of a name given twice the first
  /// @return a record, map or list that Jackson writes, `inFlight` of a record as `in_flight`; a
  ///   [Text] goes out as it is
  /// @throws Unavailable where it may be asked again later
  /// @throws IllegalArgumentException with a sentence, where the query is at fault: 400
  Object answer(Map<String, String> query) throws Exception;

  /// There is no answer now: 503.
  final class Unavailable extends Exception {
    private static final long serialVersionUID = 1;

    /// @param sentence for who asks
    public Unavailable(String sentence) {
      super(sentence);
    }
  }

  /// An answer that is not JSON.
  record Text(String contentType, String body) {}
}
