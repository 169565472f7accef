package anycast.routing.model.rule;

/// A share of the requests is copied; what the copy is answered is dropped.
///
/// @param share in millionths of the requests
public record Mirror(Target to, int share) {}
