package anycast.edge.tls;

/// Why a handshake is not begun; the message is safe to print.
final class TlsRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Alert alert;

  TlsRefusal(Alert alert, String message) {
    super(message, null, false, false);
    this.alert = alert;
  }

  Alert alert() {
    return alert;
  }
}
