package anycast.ctl;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// Who runs this tool: `user@host`.
final class Author {
  private Author() {}

  static String name() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "localhost"; // a host without a name of its own
    }
    return Printable.of(System.getProperty("user.name", "") + "@" + host);
  }
}
