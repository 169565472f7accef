package anycast.routing.table;

import anycast.routing.model.Instance;
import anycast.routing.model.Reserved;
import anycast.routing.virtual.CanonicalPath;
import anycast.routing.virtual.PathPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What an instance's labels `route.host`, `route.path` and `route.port` ask for.
///
/// @param hosts names, exact or `*.`-wildcards, in lower case, each once; none where there is no
///   such label or the others are of no use
/// @param path the prefix, canonical
/// @param port internal port; 0 = the service on the public port that was asked
/// @param problem what is wrong with the labels; empty where nothing is. A host that is wrong is
///   left out; a path or port that is wrong leaves out all, because another one was meant
public record LabelRoute(List<String> hosts, String path, int port, String problem) {
  /// The label without which the others say nothing.
  public static final String HOST = "route.host";

  static final String PATH = "route.path";
  static final String PORT = "route.port";
  static final String WEIGHT = "route.weight";

  /// Each is an entry in the index of hosts; an instance with more is better off with a document.
  private static final int MAX_HOSTS = 16;

  /// A DNS name has at most 253 octets (RFC 1035 §2.3.4).
  private static final int MAX_NAME = 253;

  private static final int MAX_PATH = 1_024;
  private static final int MAX_PORT = 65_535;
  private static final int MAX_WEIGHT = 1_000_000;

  static final LabelRoute NONE = new LabelRoute(List.of(), "/", 0, "");

  /// **Threading.** Pure. **Faults.** None: what is wrong is named.
  public static LabelRoute of(Instance instance) {
    Map<String, String> labels = instance.labels();
    if (labels.isEmpty()) {
      return NONE;
    }
    String host = labels.get(HOST);
    if (host == null) {
      // A weight alone is of use: it counts in every target group.
      boolean lost = labels.containsKey(PATH) || labels.containsKey(PORT);
      return lost ? refused(PATH + " and " + PORT + " say nothing without " + HOST) : NONE;
    }
    String path = labels.getOrDefault(PATH, "/");
    if (!canonical(path)) {
      return refused(PATH + " wants a canonical path that begins with /, got '" + path + "'");
    }
    int port = number(labels.getOrDefault(PORT, "0"), MAX_PORT);
    if (port < 0) {
      return refused(PORT + " wants 1 to " + MAX_PORT + ", got '" + labels.get(PORT) + "'");
    }
    String problem = "";
    if (number(labels.getOrDefault(WEIGHT, "0"), MAX_WEIGHT) < 0) {
      problem = WEIGHT + " wants 0 to " + MAX_WEIGHT + ", got '" + labels.get(WEIGHT) + "'";
    }
    List<String> hosts = new ArrayList<>();
    for (String part : host.split(",", MAX_HOSTS + 1)) {
      String name = part.strip().toLowerCase(Locale.ROOT);
      if (!isHost(name) || hosts.size() == MAX_HOSTS) {
        problem =
            HOST + " wants up to " + MAX_HOSTS + " host names with commas, got '" + part + "'";
      } else if (!hosts.contains(name)) {
        hosts.add(name);
      }
    }
    return new LabelRoute(List.copyOf(hosts), path, port, problem);
  }

  private static LabelRoute refused(String problem) {
    return new LabelRoute(List.of(), "/", 0, problem);
  }

  private static boolean canonical(String path) {
    if (path.length() > MAX_PATH || !path.startsWith("/") || path.indexOf('?') >= 0) {
      return false;
    }
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    return CanonicalPath.of(bytes, 0, bytes.length, PathPolicy.SAFE)
        instanceof CanonicalPath.Unchanged;
  }

  /// @return negative where it is none or above `most`
  private static int number(String text, int most) {
    int value = text.isEmpty() ? -1 : 0;
    for (int i = 0; i < text.length() && value >= 0; i++) {
      char c = text.charAt(i);
      value = c < '0' || c > '9' ? -1 : value * 10 + (c - '0');
      value = value > most ? -1 : value;
    }
    return value;
  }

  private static boolean isHost(String name) {
    String bare = HostMap.isWildcard(name) ? name.substring(2) : name;
    if (bare.isEmpty() || name.length() > MAX_NAME || Reserved.isHost(name)) {
      return false;
    }
    for (String label : bare.split("\\.", -1)) {
      if (label.isEmpty() || label.length() > 63) {
        return false;
      }
    }
    for (int i = 0; i < bare.length(); i++) {
      char c = bare.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.') {
        return false;
      }
    }
    return true;
  }
}
