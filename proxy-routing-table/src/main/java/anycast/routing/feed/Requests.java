package anycast.routing.feed;

/// What the core asks of the world around it. Each call returns at once.
public interface Requests {
  /// A whole new snapshot of one feed.
  void resnapshot(FeedId feed);

  /// All streams of a source opened anew: they are up and say nothing.
  void reopen(String source);

  /// An audit is due: read every feed beside its stream, and what readers see, and tell the core
  /// ([FeedCore#auditBegun] and what follows it).
  void audit();
}
