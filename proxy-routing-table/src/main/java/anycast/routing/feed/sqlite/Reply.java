package anycast.routing.feed.sqlite;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// What a request is answered with.
sealed interface Reply {
  /// A body that is known.
  ///
  /// @param contentType empty = none is sent
  record Whole(int status, String contentType, byte[] body) implements Reply {}

  /// A body without end.
  ///
  /// @param hash empty = none is sent
  record Streamed(UUID id, String hash, FollowedQuery.Opening opening, Subscriber subscriber)
      implements Reply {}

  static Whole json(int status, String json) {
    return new Whole(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  static Whole text(int status, String text) {
    return new Whole(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  static Whole error(int status, String message) {
    return new Whole(status, "application/json", StreamLines.error(message));
  }
}
