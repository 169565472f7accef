package anycast.routing.feed;

/// A node's last sign of life.
///
/// @param seq the node's own count
/// @param ageNanos time since this process first saw that count, by its own clock: the clocks of
///   other hosts are not trusted
public record BeatAge(long seq, long ageNanos) {}
