package anycast.backhaul.worker;

import anycast.backhaul.exchange.AccessLog;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.identity.IdentityFiles;
import anycast.backhaul.runtime.ConfigBlock;
import anycast.backhaul.runtime.ConfigFile;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.HostPort;
import anycast.backhaul.runtime.RuntimeConfig;
import anycast.backhaul.runtime.StateConfig;
import anycast.backhaul.watchdog.VitalsConfig;
import anycast.routing.model.AppId;
import anycast.routing.model.InstanceId;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a worker is told by its configuration file.
///
/// @param self node and region
/// @param identity proves to edges that this is the node
/// @param apps instances that this worker owns
public record WorkerConfig(
    Locality self,
    StateConfig state,
    Backhaul backhaul,
    IdentityFiles identity,
    List<AppEntry> apps,
    Surroundings process) {
  private static final int MAX_PORT = 65_535;

  /// Less than the 60 s that an edge waits, so that a silent app is blamed and not the worker.
  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(55);

  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

  public WorkerConfig {
    apps = List.copyOf(apps);
  }

  /// @param listen where edges connect to; port 0 = any
  /// @param advertise what edges are told; empty = the bound address
  public record Backhaul(HostPort listen, String advertise) {}

  /// One instance of an app on this host.
  ///
  /// @param address host or IP literal that the worker dials
  /// @param port 0 = the service's internal port
  public record AppEntry(
      InstanceId id, AppId app, String address, int port, Map<String, String> labels) {
    public AppEntry {
      labels = Map.copyOf(labels);
    }
  }

  /// @param readyFile written when the worker serves; null = none
  /// @param drain how long exchanges may take to end when the process stops
  public record Surroundings(
      RuntimeConfig runtime,
      VitalsConfig vitals,
      Path adminSocket,
      Path readyFile,
      Plan.Timeouts timeouts,
      Duration drain,
      AccessLog.Scope accessLog) {}

  /// Reads a configuration file.
  ///
  /// **Faults.** `ConfigProblems` with everything that is wrong, each with file and line.
  public static WorkerConfig read(Path path) throws ConfigProblems {
    ConfigFile file = ConfigFile.read(path);
    ConfigBlock root = file.root();
    NodeId node = root.parsed("node", NodeId::new);
    RegionCode region = root.parsed("region", RegionCode::new);
    StateConfig state = StateConfig.read(root);
    if (region != null && state != null && !state.takes(region)) {
      root.note("region", "has no regional state that takes this node's instances");
    }
    Backhaul backhaul = backhaul(root.block("backhaul"));
    IdentityFiles identity = IdentityFiles.read(root);
    List<AppEntry> apps = apps(root);
    Surroundings process = surroundings(root);
    file.check();
    return new WorkerConfig(new Locality(node, region), state, backhaul, identity, apps, process);
  }

  private static Backhaul backhaul(ConfigBlock block) {
    HostPort listen = block.hostPort("listen");
    String advertise = block.text("advertise", "");
    if (!advertise.isEmpty()) {
      HostPort told = block.hostPort("advertise");
      if (told != null && told.port() == 0) {
        block.note("advertise", "wants the port that edges connect to");
      }
    } else if (listen != null && (listen.host().equals("0.0.0.0") || listen.host().equals("::"))) {
      block.note("listen", "is every address: `advertise` has to say which one edges connect to");
    }
    return new Backhaul(listen, advertise);
  }

  private static List<AppEntry> apps(ConfigBlock root) {
    List<AppEntry> apps = new ArrayList<>();
    Set<InstanceId> ids = new HashSet<>();
    for (ConfigBlock block : root.optionalBlocks("instances")) {
      InstanceId id = block.parsed("id", InstanceId::new);
      if (id != null && !ids.add(id)) {
        block.note("id", "is another instance's id too");
      }
      AppId app = block.parsed("app", AppId::new);
      String address = block.text("address");
      int port = block.integer("port", 0, 0, MAX_PORT);
      apps.add(new AppEntry(id, app, address, port, block.textMap("labels")));
    }
    return apps;
  }

  private static Surroundings surroundings(ConfigBlock root) {
    ConfigBlock timeouts = root.optionalBlock("timeouts");
    return new Surroundings(
        RuntimeConfig.read(root),
        VitalsConfig.read(root),
        root.block("admin").path("socket"),
        root.path("ready_file", null),
        new Plan.Timeouts(
            timeouts.duration("response", RESPONSE_TIMEOUT).toNanos(),
            timeouts.duration("idle", Duration.ZERO).toNanos()),
        timeouts.duration("drain", DRAIN_TIMEOUT),
        root.choice("access_log", AccessLog.Scope.class, AccessLog.Scope.FAULTS));
  }
}
