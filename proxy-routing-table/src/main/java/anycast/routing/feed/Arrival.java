package anycast.routing.feed;

/// An event with where it came from.
public record Arrival(FeedId feed, SourceEvent event) {}
