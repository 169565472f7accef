package anycast.routing.sim;

/// A promise that the world saw broken. An error, so that no core takes it for a bug of its own
/// that it could live with.
final class Violation extends AssertionError {
  private static final long serialVersionUID = 1L;

  private final Promise promise;

  Violation(Promise promise, String what) {
    super(promise + " (" + promise.words() + "): " + what);
    this.promise = promise;
  }

  Promise promise() {
    return promise;
  }
}
