package anycast.routing.admission;

import java.util.Collection;
import java.util.Locale;

/// Whether a virtual service's hosts include that of a request.
final class Hosts {
  private Hosts() {}

  /// @param hosts exact or `*.`-wildcards, lower case
  static boolean name(Collection<String> hosts, String host) {
    if (host.isEmpty()) {
      return false;
    }
    String asked = host.toLowerCase(Locale.ROOT);
    return hosts.stream()
        .anyMatch(
            own -> own.equals(asked) || own.startsWith("*.") && asked.endsWith(own.substring(1)));
  }
}
