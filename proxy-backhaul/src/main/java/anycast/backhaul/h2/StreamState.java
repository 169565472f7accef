package anycast.backhaul.h2;

/// Where a stream stands (RFC 9113 §5.1); idle streams and those that are gone have no object.
///
/// ```
///              remoteEnd
///     OPEN ─────────────────► HALF_CLOSED_REMOTE
///      │                             │
///      │ localEnd                    │ localEnd
///      ▼            remoteEnd        ▼
///  HALF_CLOSED_LOCAL ───────────► CLOSED ◄── reset by either, connection lost: from anywhere
/// ```
enum StreamState {
  OPEN,
  HALF_CLOSED_LOCAL,
  HALF_CLOSED_REMOTE,
  CLOSED;

  /// After our END_STREAM.
  StreamState localEnd() {
    return switch (this) {
      case OPEN, HALF_CLOSED_LOCAL -> HALF_CLOSED_LOCAL;
      case HALF_CLOSED_REMOTE, CLOSED -> CLOSED;
    };
  }

  /// After the peer's END_STREAM.
  StreamState remoteEnd() {
    return switch (this) {
      case OPEN, HALF_CLOSED_REMOTE -> HALF_CLOSED_REMOTE;
      case HALF_CLOSED_LOCAL, CLOSED -> CLOSED;
    };
  }

  boolean localOpen() {
    return switch (this) {
      case OPEN, HALF_CLOSED_REMOTE -> true;
      case HALF_CLOSED_LOCAL, CLOSED -> false;
    };
  }

  boolean remoteOpen() {
    return switch (this) {
      case OPEN, HALF_CLOSED_LOCAL -> true;
      case HALF_CLOSED_REMOTE, CLOSED -> false;
    };
  }
}
