package anycast.routing.model;

import anycast.routing.model.Entity.AppKey;
import anycast.routing.model.Entity.AppRegionKey;
import anycast.routing.model.Entity.CertificateKey;
import anycast.routing.model.Entity.CordonKey;
import anycast.routing.model.Entity.HostnameKey;
import anycast.routing.model.Entity.InstanceHealthKey;
import anycast.routing.model.Entity.InstanceKey;
import anycast.routing.model.Entity.NodeKey;
import anycast.routing.model.Entity.ServiceKey;
import anycast.routing.model.Entity.VirtualServiceKey;

/// Names that a process keeps for itself: under them it puts a few rows of its own into its table,
/// by which it sends requests to itself. No state may have them: whoever wrote such a row would
/// answer the process' question whether it is well.
///
/// **Threading.** Pure.
public final class Reserved {
  /// The app that each process runs for itself.
  public static final AppId APP = new AppId("anycast-canary");

  /// Its one instance.
  public static final InstanceId INSTANCE = new InstanceId("anycast-canary");

  /// The node that an edge's one is on: as if the edge's own host were a worker, too.
  public static final NodeId NODE = new NodeId("anycast-canary");

  /// Under which the hosts of processes are. Nobody can own it (RFC 6761 §6.4).
  public static final String DOMAIN = "anycast.invalid";

  private static final String UNDER = "." + DOMAIN;

  /// The host that a process asks itself for. The same in all processes: each has its own table.
  public static final String HOST = "canary" + UNDER;

  private Reserved() {}

  /// Whether a name of a host, wildcards included, is one that only processes have.
  public static boolean isHost(String name) {
    return name.equals(DOMAIN) || name.endsWith(UNDER);
  }

  /// What in `entity` only processes may have; null where nothing is.
  public static String in(Entity entity) {
    return switch (entity) {
      case Instance instance when instance.app().equals(APP) -> "app " + APP;
      case Instance instance when instance.node().equals(NODE) -> "node " + NODE;
      case Hostname hostname when hostname.app().equals(APP) -> "app " + APP;
      case VirtualService virtual ->
          virtual.rules().hosts().stream()
              .filter(Reserved::isHost)
              .findFirst()
              .map(host -> "host " + host)
              .orElse(null);
      default -> is(entity.key()) ? "its name" : null;
    };
  }

  /// Whether what has this key is a process' own and no state.
  public static boolean is(Entity.Key key) {
    return switch (key) {
      case AppKey(AppId app) -> app.equals(APP);
      case ServiceKey(AppId app, var _) -> app.equals(APP);
      case HostnameKey(String name) -> isHost(name);
      case InstanceKey(var _, InstanceId instance) -> instance.equals(INSTANCE);
      case CertificateKey(String name) -> isHost(name);
      case AppRegionKey(AppId app, var _) -> app.equals(APP);
      case InstanceHealthKey(var _, InstanceId instance) -> instance.equals(INSTANCE);
      case CordonKey(var _, InstanceId instance) -> instance.equals(INSTANCE);
      case NodeKey(NodeId node) -> node.equals(NODE);
      case VirtualServiceKey _ -> false;
    };
  }
}
