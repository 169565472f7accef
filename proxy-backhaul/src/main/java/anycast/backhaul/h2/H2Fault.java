package anycast.backhaul.h2;

/// Why a connection was ended for the peer's fault; what [ConnectionEvents#onClosed] gets.
public final class H2Fault extends Exception {
  private static final long serialVersionUID = 1;

  private final int code;

  H2Fault(int code, String why) {
    // No stack: it would show where we noticed, not what the peer did.
    super(why, null, false, false);
    this.code = code;
  }

  /// Error code of our GOAWAY ([H2Code]).
  public int code() {
    return code;
  }
}
