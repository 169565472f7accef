package anycast.routing.table;

import anycast.routing.virtual.Origin;

/// Hears, before it happens, whose rules a lookup is going to match: what is written down then
/// still tells when the match never ends.
///
/// **Threading.** The thread that looks up; returns at once.
@FunctionalInterface
public interface RouteTrail {
  /// Hears nothing.
  RouteTrail NONE = _ -> {};

  /// The rules of this entry are matched next; unknown where they are several entries'.
  void matching(Origin entry);
}
