package anycast.routing.model.rule;

/// What the instance reads in place of what the client sent.
///
/// @param prefix in place of the matched prefix; empty = as it came. Only with a prefix match
/// @param host in place of the host; empty = as it came
public record Rewrite(String prefix, String host) {}
