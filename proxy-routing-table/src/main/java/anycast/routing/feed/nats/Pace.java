package anycast.routing.feed.nats;

import java.time.Duration;

/// How often a stream proves that it lives.
///
/// @param heartbeat at most that long an idle stream is silent; three in a row missed = lost
/// @param check how often a bucket is compared with what was heard of it: what is removed behind a
///   consumer's back is told to nobody
/// @param patience how long a bucket must say that it went back until that is believed: a leader
///   that was just elected may not have read its own log yet
record Pace(Duration heartbeat, Duration check, Duration patience) {
  /// One small message a second for each idle table, and one request in ten.
  static final Pace NORMAL =
      new Pace(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(30));

  /// The longest silence of a stream that is up.
  Duration silence() {
    return heartbeat.multipliedBy(3);
  }
}
