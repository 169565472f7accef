package anycast.routing.feed;

/// Now, as whoever drives the core sees it.
///
/// @param nanos monotonic, as of [anycast.routing.time.Ticker]: what is reckoned with
/// @param millis wall clock since the epoch: what is shown
public record Moment(long nanos, long millis) {}
