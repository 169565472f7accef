package anycast.load.bench;

import anycast.demo.ChildProcess;
import java.util.List;

/// A running edge → worker → app.
///
/// @param address where the edge's TLS listens, `ip:port`
/// @param proxies the processes whose cost counts
/// @param others what it needs beside (a state store)
record Chain(String name, String address, List<ChildProcess> proxies, List<ChildProcess> others) {
  static final String OURS = "anycast";

  /// Ours, with a virtual service of 10,000 rules in front of the app: side by side with [#OURS] in
  /// one run it says what rules cost.
  static final String OURS_BY_RULES = "anycast-rules";

  static final String HAPROXY = "haproxy";
  static final String NGINX = "nginx";
  static final List<String> NAMES = List.of(OURS, HAPROXY, NGINX);

  /// Threads of ours that serve nobody's request.
  static final List<String> WATCHDOG = List.of("watchdog");

  static final List<String> CANARY = List.of("canary", "notifier");

  List<Long> pids() {
    return proxies.stream().map(ChildProcess::pid).toList();
  }
}
