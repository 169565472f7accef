package anycast.routing.feed.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.time.Instant;

/// What a bucket's leader says of it.
///
/// @param created which bucket of that name it is
/// @param last its newest revision, removed ones included
/// @param keys how many keys have an entry, tombstones included
record BucketFacts(Instant created, long last, long keys) {
  /// The server's code for "no such stream".
  private static final int STREAM_NOT_FOUND = 10_059;

  private static final int UNAVAILABLE = 503;

  static BucketFacts of(Connection connection, String bucket)
      throws IOException, JetStreamApiException {
    StreamInfo info = NatsLink.management(connection).getStreamInfo(Delivery.stream(bucket));
    return new BucketFacts(
        info.getCreateTime().toInstant(),
        info.getStreamState().getLastSequence(),
        info.getStreamState().getSubjectCount());
  }

  static boolean isMissing(JetStreamApiException e) {
    return e.getApiErrorCode() == STREAM_NOT_FOUND;
  }

  /// The server cannot say: it has no leader, or lost its cluster.
  static boolean isUnavailable(JetStreamApiException e) {
    return e.getErrorCode() == UNAVAILABLE;
  }

  /// A refusal in words.
  static String words(String bucket, JetStreamApiException e) {
    return isMissing(e)
        ? "there is no bucket " + bucket + "; a worker, or an import of state, makes it"
        : bucket + ": " + e.getErrorDescription();
  }
}
