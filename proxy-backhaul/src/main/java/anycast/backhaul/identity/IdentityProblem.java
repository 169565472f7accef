package anycast.backhaul.identity;

/// Key material that cannot be used or made; the message names the file and says what is wrong.
public final class IdentityProblem extends Exception {
  private static final long serialVersionUID = 1L;

  IdentityProblem(String message) {
    super(message);
  }

  IdentityProblem(String message, Throwable cause) {
    super(message, cause);
  }
}
