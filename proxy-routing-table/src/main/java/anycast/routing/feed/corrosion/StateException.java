package anycast.routing.feed.corrosion;

import java.io.IOException;

/// State was not read or written, in words for an operator.
public final class StateException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  StateException(int status, String message) {
    super(message);
    this.status = status;
  }

  StateException(String message, Throwable cause) {
    super(message, cause);
    this.status = 0;
  }

  /// The HTTP status that the agent answered; 0 = none came, and a write may or may not have
  /// happened.
  public int status() {
    return status;
  }
}
