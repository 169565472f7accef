package anycast.demo;

import anycast.backhaul.runtime.ReadyFile;
import java.io.IOException;
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
    Map<String, Object> supervisor = new LinkedHashMap<>();
    supervisor.put("socket", SupervisorFile.socket(fleet.dir()).toString());
    supervisor.put("pid", fleet.child(Fleet.SUPERVISOR).pid());
    supervisor.put("log", fleet.child(Fleet.SUPERVISOR).log().toString());
    content.put("supervisor", supervisor); // it knows the pids of edges and workers
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
    content.put("virtual_hosts", FleetPlan.VIRTUAL_HOSTS);
    content.put("curl", List.copyOf(CurlLines.of(fleet).sequencedValues()));
    content.put("commands", CurlLines.of(fleet));
    try {
      ReadyFile.write(fleet.dir().resolve("fleet.json"), content);
    } catch (IOException e) {
      throw new FleetFault("fleet.json could not be written", e);
    }
  }

  private static Map<String, Object> proxy(
      Fleet fleet, FleetPlan.Proxy proxy, String... listeners) {
    String name = proxy.name();
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", name);
    entry.put("node", name);
    entry.put("region", proxy.region());
    entry.put("log", fleet.log(name).toString());
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

  /// For a shell: as it is where that is safe.
  static String quoted(String path) {
    return path.matches("[A-Za-z0-9_./+:@-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
