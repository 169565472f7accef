package anycast.routing.model;

/// One row of state, decoded: the whole object, never a part of it.
public sealed interface Entity
    permits App,
        Service,
        Instance,
        Node,
        Hostname,
        Certificate,
        VirtualService,
        AppRegion,
        InstanceHealth,
        Cordon {
  /// What identifies it within its kind; two entities with equal keys are versions of one thing.
  Key key();

  /// Grows with each version that the owner writes.
  long generation();

  /// Identity across versions.
  sealed interface Key {}

  record AppKey(AppId app) implements Key {}

  record ServiceKey(AppId app, String service) implements Key {}

  /// Keyed by node too: while an instance moves, both rows exist.
  record InstanceKey(NodeId node, InstanceId instance) implements Key {}

  record NodeKey(NodeId node) implements Key {}

  record HostnameKey(String name) implements Key {}

  record CertificateKey(String name) implements Key {}

  record VirtualServiceKey(String name) implements Key {}

  /// Keyed by node: each row has one writer.
  record AppRegionKey(AppId app, NodeId node) implements Key {}

  record InstanceHealthKey(NodeId node, InstanceId instance) implements Key {}

  record CordonKey(NodeId node, InstanceId instance) implements Key {}
}
