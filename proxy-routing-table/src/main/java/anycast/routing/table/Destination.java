package anycast.routing.table;

import anycast.routing.virtual.CompiledRule;

/// Where a request belongs.
public sealed interface Destination {
  /// A virtual service's rule takes it.
  record ByRule(CompiledRule rule) implements Destination {}

  /// No rule takes it, and the host is an app's.
  record ByApp(AppRoute app) implements Destination {}

  /// The host is a virtual service's, no rule takes it, and no app has the host.
  ///
  /// @param services names of some that have the host
  record NoRule(String services) implements Destination {}

  /// Nobody has the host.
  record NoHost() implements Destination {}
}
