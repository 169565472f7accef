package anycast.routing.sim;

/// A promise that the world saw broken.
final class Violation extends RuntimeException {
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
