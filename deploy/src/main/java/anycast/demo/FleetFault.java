package anycast.demo;

/// The fleet cannot start or go on; the message is written for the person who started it.
public final class FleetFault extends Exception {
  private static final long serialVersionUID = 1L;

  public FleetFault(String message) {
    super(message);
  }

  public FleetFault(String message, Throwable cause) {
    super(message + ": " + cause, cause);
  }
}
