package anycast.demo;

import anycast.backhaul.runtime.ReadyFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `fleet.json`: where everything is, for people's scripts and for tests.
final class FleetFile {
  private FleetFile() {}

  static void write(Fleet fleet) throws FleetFault {
    Map<String, Object> content = new LinkedHashMap<>();
    content.put(
        "edges", FleetPlan.EDGES.stream().map(e -> proxy(fleet, e, "https", "http")).toList());
    content.put(
        "workers", FleetPlan.WORKERS.stream().map(w -> proxy(fleet, w, "backhaul")).toList());
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("url", fleet.stateUrl());
    state.put("pid", fleet.child(Fleet.STATE).pid());
    state.put("database", fleet.database().toString());
    content.put("state", state);
    content.put("instances", FleetPlan.INSTANCES.stream().map(i -> instance(fleet, i)).toList());
    content.put(
        "hosts",
        FleetPlan.HOSTS.stream().map(h -> Map.of("name", h.name(), "app", h.app())).toList());
    content.put("ca", fleet.publicCa().toString());
    content.put("curl", curl(fleet));
    try {
      ReadyFile.write(fleet.dir().resolve("fleet.json"), content);
    } catch (IOException e) {
      throw new FleetFault("fleet.json could not be written", e);
    }
  }

  private static Map<String, Object> proxy(
      Fleet fleet, FleetPlan.Proxy proxy, String... listeners) {
    String name = proxy.name();
    ChildProcess child = fleet.child(name);
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", name);
    entry.put("node", name);
    entry.put("region", proxy.region());
    entry.put("pid", child.pid());
    entry.put("log", child.log().toString());
    entry.put("admin", fleet.socket(name).toString());
    for (String listener : listeners) {
      entry.put(listener, fleet.address(name, listener));
    }
    return entry;
  }

  private static Map<String, Object> instance(Fleet fleet, FleetPlan.Instance instance) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", instance.id());
    entry.put("app", instance.app());
    entry.put("node", instance.node());
    entry.put("region", FleetPlan.region(instance.node()));
    entry.put("address", fleet.address(instance.id(), "app"));
    entry.put("pid", fleet.child(instance.id()).pid());
    return entry;
  }

  /// Commands that work as they stand.
  static List<String> curl(Fleet fleet) {
    String fra = fleet.address("edge-fra-1", "https");
    String fraPlain = fleet.address("edge-fra-1", "http");
    String iad = fleet.address("edge-iad-1", "https");
    String ca = fleet.publicCa().toString();
    List<String> lines = new ArrayList<>();
    lines.add(https(ca, "hello.demo.test", fra, "--http2 https://hello.demo.test/"));
    lines.add(https(ca, "hello.demo.test", fra, "--http1.1 https://hello.demo.test/"));
    lines.add(https(ca, "hello.demo.test", iad, "https://hello.demo.test/"));
    lines.add(https(ca, "any.wild.demo.test", fra, "https://any.wild.demo.test/"));
    lines.add(
        https(ca, "echo.demo.test", fra, "--data-binary 'say this' https://echo.demo.test/echo"));
    lines.add(
        "head -c 100000000 /dev/urandom | "
            + https(ca, "hello.demo.test", fra, "-T - https://hello.demo.test/sha256"));
    lines.add(
        https(
                ca,
                "hello.demo.test",
                fra,
                "'https://hello.demo.test/stream?bytes=400000&rate=100000'")
            + " -o /dev/null");
    lines.add(https(ca, "hello.demo.test", fra, "-i 'https://hello.demo.test/fail?how=reset'"));
    lines.add(
        "curl -sS -i --connect-to hello.demo.test:80:%s http://hello.demo.test/"
            .formatted(fraPlain));
    return lines;
  }

  private static String https(String ca, String host, String address, String rest) {
    return "curl -sS --cacert %s --connect-to %s:443:%s %s"
        .formatted(quoted(ca), host, address, rest);
  }

  /// For a shell: as it is where that is safe.
  static String quoted(String path) {
    return path.matches("[A-Za-z0-9_./+:@-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
