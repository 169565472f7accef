package anycast.routing.feed.sqlite;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How a store is served.
///
/// @param address where to listen; port 0 = any free one
/// @param token what clients have to show, as `Authorization: Bearer …`; empty = everyone may
/// @param endpointName what clients that name an endpoint have to name; empty = not checked
/// @param gather how long touched rows gather after the first, before readers are told
/// @param subscriberLines how many lines a reader may lag
/// @param subscriberBytes the same in bytes
/// @param log how much of each query's past is kept, for readers that resume
/// @param subscriptionsFile where followed queries outlive an orderly stop; empty = they do not
record ServerSettings(
    InetSocketAddress address,
    Optional<String> token,
    Optional<String> endpointName,
    Duration gather,
    int subscriberLines,
    long subscriberBytes,
    FollowedQuery.LogLimits log,
    Optional<Path> subscriptionsFile) {

  /// A burst of commits becomes one batch, and a change still takes no more than a fiftieth of a
  /// second to leave.
  static final Duration GATHER = Duration.ofMillis(10);

  /// The number of a Corrosion agent, so that the same fleet survives the same burst on either.
  static final int SUBSCRIBER_LINES = 10_240;

  /// Ten thousand rows of instances are four megabytes; of rows that large a reader may lag less.
  static final long SUBSCRIBER_BYTES = 8L << 20;

  /// Twice what a reader may lag: one that was cut for it finds what it missed.
  static final FollowedQuery.LogLimits LOG =
      new FollowedQuery.LogLimits(2 * SUBSCRIBER_LINES, 2 * SUBSCRIBER_BYTES);

  ServerSettings {
    if (gather.isNegative() || gather.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException("gathering wants 0 to 60 s, got " + gather);
    }
  }

  /// With everything else as it is best for most.
  static ServerSettings of(InetSocketAddress address) {
    return new ServerSettings(
        address,
        Optional.empty(),
        Optional.empty(),
        GATHER,
        SUBSCRIBER_LINES,
        SUBSCRIBER_BYTES,
        LOG,
        Optional.empty());
  }

  ServerSettings withToken(Optional<String> changed) {
    return new ServerSettings(
        address,
        changed,
        endpointName,
        gather,
        subscriberLines,
        subscriberBytes,
        log,
        subscriptionsFile);
  }

  ServerSettings withEndpointName(Optional<String> changed) {
    return new ServerSettings(
        address, token, changed, gather, subscriberLines, subscriberBytes, log, subscriptionsFile);
  }

  ServerSettings withGather(Duration changed) {
    return new ServerSettings(
        address,
        token,
        endpointName,
        changed,
        subscriberLines,
        subscriberBytes,
        log,
        subscriptionsFile);
  }

  ServerSettings withSubscriberRoom(int lines, long bytes) {
    return new ServerSettings(
        address, token, endpointName, gather, lines, bytes, log, subscriptionsFile);
  }

  ServerSettings withLog(FollowedQuery.LogLimits changed) {
    return new ServerSettings(
        address,
        token,
        endpointName,
        gather,
        subscriberLines,
        subscriberBytes,
        changed,
        subscriptionsFile);
  }

  ServerSettings withSubscriptionsFile(Optional<Path> changed) {
    return new ServerSettings(
        address, token, endpointName, gather, subscriberLines, subscriberBytes, log, changed);
  }

  Subscriber.Room room() {
    return new Subscriber.Room(subscriberLines, subscriberBytes);
  }
}
