package anycast.routing.table;

import anycast.routing.virtual.RequestView;
import java.nio.charset.StandardCharsets;

/// A GET of a path on a public port.
record Asked(byte[] path, int port) implements RequestView {
  Asked(String path, int port) {
    this(path.getBytes(StandardCharsets.US_ASCII), port);
  }

  @Override
  public int pathStart() {
    return 0;
  }

  @Override
  public int pathEnd() {
    return path.length;
  }

  @Override
  public CharSequence method() {
    return "GET";
  }

  @Override
  public CharSequence header(String name, int index) {
    return null;
  }

  @Override
  public CharSequence query(String name, int index) {
    return null;
  }

  @Override
  public CharSequence cookie(String name, int index) {
    return null;
  }

  /// Where a host leads: `service/rule`, `app NAME`, `no rule` or `no host`.
  static String route(RoutingSnapshot in, String host, String path, int port) {
    byte[] bytes = ("<" + host + ">").getBytes(StandardCharsets.US_ASCII);
    return switch (in.route(bytes, 1, bytes.length - 2, new Asked(path, port))) {
      case Destination.ByRule(var rule) -> rule.service() + "/" + rule.rule().name();
      case Destination.ByApp(AppRoute app) -> "app " + app.id();
      case Destination.NoRule _ -> "no rule";
      case Destination.NoHost _ -> "no host";
    };
  }
}
