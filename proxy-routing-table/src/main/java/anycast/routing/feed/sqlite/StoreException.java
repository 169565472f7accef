package anycast.routing.feed.sqlite;

/// The store cannot be opened or used, in words for an operator.
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
