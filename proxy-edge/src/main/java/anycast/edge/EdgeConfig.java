package anycast.edge;

import anycast.backhaul.exchange.AccessLog;
import anycast.backhaul.exchange.ExchangeLimits;
import anycast.backhaul.exchange.Plan;
import anycast.backhaul.identity.IdentityFiles;
import anycast.backhaul.runtime.ConfigBlock;
import anycast.backhaul.runtime.ConfigFile;
import anycast.backhaul.runtime.ConfigProblems;
import anycast.backhaul.runtime.RuntimeConfig;
import anycast.backhaul.runtime.StateConfig;
import anycast.backhaul.watchdog.VitalsConfig;
import anycast.edge.listener.ConnectionTerms;
import anycast.edge.listener.ListenerConfig;
import anycast.edge.request.PathRules;
import anycast.edge.request.TrustedProxies;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.pick.Locality;
import anycast.routing.virtual.PathPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// An edge's configuration, checked.
///
/// @param self where it stands
/// @param state where the routing table comes from
/// @param listeners where clients come in, at least one
/// @param identity what it shows to workers
/// @param process what surrounds the data path
/// @param serving on what terms clients are served
public record EdgeConfig(
    Locality self,
    StateConfig state,
    List<ListenerConfig> listeners,
    IdentityFiles identity,
    Surroundings process,
    Serving serving) {
  /// A worker answers most requests within seconds; a minute is what proxies and load balancers
  /// commonly wait, so apps are made for it.
  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(60);

  /// Long enough for event streams and WebSockets that send a sign of life every few minutes.
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);
  private static final int MAX_PORT = 65_535;
  private static final int MAX_CONNECTIONS = 10_000_000;

  /// What is kept of one body lies in memory as long as its attempt lasts.
  private static final int MAX_KEPT_BYTES = 64 << 20;

  /// Each waiting exchange is planned anew twenty times a second: beyond this, waiting is work.
  private static final int MAX_WAITING = 100_000;

  /// @param adminSocket where the operator asks
  /// @param readyFile written when the edge serves; null = none
  public record Surroundings(
      RuntimeConfig runtime, VitalsConfig vitals, Path adminSocket, Path readyFile) {}

  /// @param timeouts of one exchange
  /// @param drain how long connections may take to end when the process stops
  /// @param limits of what is open, kept and waiting at a time
  /// @param trusted proxies in front of the edge
  /// @param defaultCertificate for clients that name no server; empty = they are refused
  /// @param accessLog which exchanges are written down
  /// @param paths what becomes of paths that can be read in two ways
  public record Serving(
      Plan.Timeouts timeouts,
      Duration drain,
      Limits limits,
      TrustedProxies trusted,
      String defaultCertificate,
      AccessLog.Scope accessLog,
      PathRules paths) {}

  /// @param connections open at a time
  /// @param exchanges what they may keep for attempts and copies, and how many may wait
  public record Limits(int connections, ExchangeLimits exchanges) {}

  /// Reads a configuration file.
  ///
  /// **Faults.** `ConfigProblems` with everything that is wrong, each with file and line.
  public static EdgeConfig read(Path path) throws ConfigProblems {
    ConfigFile file = ConfigFile.read(path);
    ConfigBlock root = file.root();
    NodeId node = root.parsed("node", NodeId::new);
    RegionCode region = root.parsed("region", RegionCode::new);
    StateConfig state = StateConfig.read(root);
    List<ListenerConfig> listeners = listeners(root);
    IdentityFiles identity = IdentityFiles.read(root);
    Path adminSocket = root.block("admin").path("socket");
    RuntimeConfig runtime = RuntimeConfig.read(root);
    VitalsConfig vitals = VitalsConfig.read(root);
    Path readyFile = root.path("ready_file", null);
    Serving serving = serving(root);
    file.check();
    return new EdgeConfig(
        new Locality(node, region),
        state,
        listeners,
        identity,
        new Surroundings(runtime, vitals, adminSocket, readyFile),
        serving);
  }

  private static List<ListenerConfig> listeners(ConfigBlock root) {
    List<ListenerConfig> listeners = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ConfigBlock block : root.blocks("listeners")) {
      String name = block.text("name");
      if (!name.isEmpty() && !names.add(name)) {
        block.note("name", "is another listener's name too");
      }
      listeners.add(
          new ListenerConfig(
              name,
              block.hostPort("listen"),
              block.integer("port", 1, MAX_PORT),
              block.bool("tls")));
    }
    return List.copyOf(listeners);
  }

  private static Serving serving(ConfigBlock root) {
    ConfigBlock timeouts = root.optionalBlock("timeouts");
    return new Serving(
        new Plan.Timeouts(
            timeouts.duration("response", RESPONSE_TIMEOUT).toNanos(),
            timeouts.duration("idle", IDLE_TIMEOUT).toNanos()),
        timeouts.duration("drain", DRAIN_TIMEOUT),
        limits(root.optionalBlock("limits")),
        trusted(root),
        root.optionalBlock("tls").text("default_certificate", ""),
        root.choice("access_log", AccessLog.Scope.class, AccessLog.Scope.FAULTS),
        paths(root.optionalBlock("paths")));
  }

  private static Limits limits(ConfigBlock block) {
    ExchangeLimits usual = ExchangeLimits.usual();
    int inAll = Math.toIntExact(Math.min(usual.keptBytesInAll(), Integer.MAX_VALUE));
    int waiting = block.integer("waiting", usual.awaiting(), 0, MAX_WAITING);
    return new Limits(
        block.integer("connections", ConnectionTerms.Limits.CONNECTIONS, 1, MAX_CONNECTIONS),
        new ExchangeLimits(
            block.integer("kept_body_bytes", usual.keptBytes(), 0, MAX_KEPT_BYTES),
            block.integer("kept_bodies_bytes", inAll, 0, Integer.MAX_VALUE),
            waiting,
            block.integer(
                "waiting_of_owner", Math.min(usual.awaitingOfOwner(), waiting), 0, MAX_WAITING),
            block.integer("copies", usual.copies(), 0, MAX_WAITING),
            usual.copyLagBytes()));
  }

  private static PathRules paths(ConfigBlock block) {
    PathPolicy usual = PathRules.USUAL.policy();
    return new PathRules(
        new PathPolicy(
            block.choice("dots", PathPolicy.Dots.class, usual.dots()),
            block.choice("slashes", PathPolicy.Slashes.class, usual.slashes()),
            block.choice("encoded_slash", PathPolicy.EncodedSlash.class, usual.encodedSlash()),
            block.choice("backslash", PathPolicy.Backslash.class, usual.backslash()),
            block.choice("controls", PathPolicy.Controls.class, usual.controls()),
            block.choice("parameters", PathPolicy.Parameters.class, usual.parameters())),
        block.choice("hosts", PathRules.Hosts.class, PathRules.USUAL.hosts()));
  }

  private static TrustedProxies trusted(ConfigBlock root) {
    if (!root.has("trusted_proxies")) {
      return TrustedProxies.none();
    }
    try {
      return TrustedProxies.of(root.texts("trusted_proxies"));
    } catch (IllegalArgumentException e) {
      root.note("trusted_proxies", e.getMessage());
      return TrustedProxies.none();
    }
  }
}
