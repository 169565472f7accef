package anycast.routing.virtual;

import anycast.routing.model.rule.Rule;

/// A rule, ready to follow.
///
/// @param service name of its virtual service
/// @param to slots of the target groups of `Forward.to`, in its order; empty for a redirect
/// @param fallback the same for `Forward.fallback`
/// @param mirror the same for `Forward.mirror`; -1 where nothing is copied
public record CompiledRule(String service, Rule rule, int[] to, int[] fallback, int mirror) {}
