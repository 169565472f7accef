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
  static final String HAPROXY = "haproxy";
  static final String NGINX = "nginx";
  static final List<String> NAMES = List.of(OURS, HAPROXY, NGINX);

  List<Long> pids() {
    return proxies.stream().map(ChildProcess::pid).toList();
  }
}
