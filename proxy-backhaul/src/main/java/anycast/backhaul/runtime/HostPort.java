package anycast.backhaul.runtime;

import java.net.InetSocketAddress;

/// An address as people write it: `127.0.0.1:443`, `[::1]:443`, `worker.internal:8443`.
///
/// @param host IP literal without brackets, or name
/// @param port 0 to 65535; 0 = the kernel chooses (listeners only)
public record HostPort(String host, int port) {
  /// Parses `host:port`.
  ///
  /// **Faults.** `IllegalArgumentException` with a sentence that says what is wrong.
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("wants host:port, has no ':'");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("wants an IPv6 address in brackets: [::1]:443");
    }
    if (host.isEmpty()) {
      throw new IllegalArgumentException("wants host:port, has no host");
    }
    return new HostPort(host, port(text.substring(colon + 1)));
  }

  private static int port(String digits) {
    boolean plain = !digits.isEmpty() && digits.length() <= 5;
    for (int i = 0; plain && i < digits.length(); i++) {
      plain = digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
    }
    if (!plain || Integer.parseInt(digits) > 0xffff) {
      throw new IllegalArgumentException("wants a port from 0 to 65535 after ':'");
    }
    return Integer.parseInt(digits);
  }

  /// `host:port` of a bound or connected socket, with its numeric address.
  public static HostPort of(InetSocketAddress address) {
    return new HostPort(address.getAddress().getHostAddress(), address.getPort());
  }

  /// Why this process cannot listen here, and what is to be looked at.
  ///
  /// @param cause that the bind failed with
  public String unbound(Throwable cause) {
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    if (resolved().isUnresolved()) {
      why = "no address is known for that name";
    } else if (why.contains("Cannot assign")) {
      why += " (this machine has no such address)";
    } else if (why.contains("Permission denied")) {
      why += " (ports below 1024 want root or CAP_NET_BIND_SERVICE)";
    } else if (why.contains("already in use")) {
      why += " (another process listens there)";
    }
    return "cannot listen on " + this + ": " + why;
  }

  /// For `bind`: resolves a name now, blocking; an IP literal costs nothing.
  public InetSocketAddress resolved() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
