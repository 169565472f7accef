package anycast.routing.model.rule;

/// One rule: which requests, and what becomes of them.
///
/// @param name unique within its virtual service, for logs and the operator
public record Rule(String name, Match match, Action action) {}
