package anycast.routing.feed;

import java.time.Duration;

/// What the feed puts up with before it does something about it.
///
/// @param guardFraction a snapshot that lacks more than this share of the rows in force does not
///   remove them at once
/// @param guardLeastRows tables with fewer rows are guarded against losing all of them only
/// @param confirm a second snapshot that lacks the same rows, that much later, removes them
/// @param silence time without any beat, where beats used to come, after which streams are opened
///   anew
/// @param freshness age of what is known above which this process is not ready, if a peer is
///   fresher
/// @param auditEvery time between two audits, give or take a fifth
public record FeedLimits(
    double guardFraction,
    int guardLeastRows,
    Duration confirm,
    Duration silence,
    Duration freshness,
    Duration auditEvery) {
  /// Half: no deployment and no worker that dies takes half of a fleet's rows, an emptied or old
  /// store does. Ten rows: below that a single removal is a big share. A minute: time for a store
  /// that is being restored to be filled, and an operator sees it in time. Ten seconds of silence:
  /// nodes beat every second or so, changes wait 0.6 s at a source, and opening anew costs a
  /// resumption only. Thirty seconds: three times the silence, so opening anew comes first. Ten
  /// minutes: reading a million rows takes a source about ten seconds, which is 2 % of its time.
  public static final FeedLimits STANDARD =
      new FeedLimits(
          0.5,
          10,
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10));

  public FeedLimits {
    if (!(guardFraction > 0 && guardFraction <= 1)) {
      throw new IllegalArgumentException("guardFraction wants more than 0 and at most 1");
    }
  }
}
