package anycast.backhaul.health;

import anycast.routing.model.HealthCheck;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/// The request of a check, as bytes.
///
/// **Threading.** Pure. **Faults.** A check comes from a row, so it is looked at: what would be
/// more than one request, or none, is not sent.
final class ProbeRequest {
  static final AsciiString LOCATION = AsciiString.cached("location");

  private ProbeRequest() {}

  /// @return null where it would be malformed
  static byte[] bytes(HealthCheck.Http http, Aim aim) {
    String method = http.method().isEmpty() ? "GET" : http.method();
    String path = http.path().isEmpty() ? "/" : http.path();
    boolean written = token(method) && path.startsWith("/") && text(path, '!');
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    boolean named = false;
    for (Map.Entry<String, String> field : http.headers().entrySet()) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      written &= token(name) && text(field.getValue(), ' ') && !framing(name);
      named |= name.equals("host");
      head.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
    }
    if (!named) {
      String host = http.serverName().isEmpty() ? authority(aim) : http.serverName();
      written &= text(host, '!');
      head.append("Host: ").append(host).append("\r\n");
    }
    head.append("User-Agent: anycast-health\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    return written ? head.toString().getBytes(StandardCharsets.ISO_8859_1) : null;
  }

  private static String authority(Aim aim) {
    String host = aim.host().indexOf(':') >= 0 ? "[" + aim.host() + "]" : aim.host();
    return host + ":" + aim.port();
  }

  /// Fields that say how long a body is, which there is none of.
  private static boolean framing(String name) {
    return name.equals("content-length")
        || name.equals("transfer-encoding")
        || name.equals("connection");
  }

  private static boolean token(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ':');
  }

  private static boolean text(String text, char least) {
    return text.chars().allMatch(c -> c >= least && c < 0x7f);
  }
}
