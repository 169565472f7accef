package anycast.routing.feed.nats;

import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// All that a bucket holds, read once.
final class BucketReading {
  private BucketReading() {}

  /// Takes one entry; keys come once.
  @FunctionalInterface
  interface Entries {
    void entry(String key, byte[] value);
  }

  /// Reads all entries that have a value. They are gathered first: a key that is written again
  /// meanwhile is told once.
  static Watermark read(
      Connection connection, NatsConfig config, Table table, Pace pace, Entries told)
      throws IOException, InterruptedException {
    Map<String, byte[]> values = new LinkedHashMap<>();
    Watermark at = read(connection, config, table, ">", pace, values);
    values.forEach(told::entry);
    return at;
  }

  /// @param filter which keys, `>` = all
  static Watermark read(
      Connection connection,
      NatsConfig config,
      Table table,
      String filter,
      Pace pace,
      Map<String, byte[]> values)
      throws IOException, InterruptedException {
    String bucket = config.bucket(table);
    try {
      BucketFacts facts = BucketFacts.of(connection, bucket);
      try (Delivery delivery = Delivery.open(connection, bucket, filter, 0, pace)) {
        long last = 0;
        boolean all = filter.equals(">");
        boolean ended = delivery.pendingAtOpen() == 0 && (!all || facts.keys() == 0);
        while (!ended) {
          switch (delivery.next()) {
            case Delivery.Step.Entry entry -> {
              last = entry.revision();
              if (entry.removed()) {
                values.remove(entry.key());
              } else {
                values.put(entry.key(), entry.value());
              }
              // a follower that lags is behind what its leader counted
              ended = entry.pending() == 0 && (!all || last >= facts.last());
            }
            case Delivery.Step.Idle _ -> ended = true;
            case Delivery.Step.Ended(String reason) ->
                throw new IOException(bucket + ": " + reason);
          }
        }
        // another numbering than the stream's: the two do not compare
        return new Watermark(
            config.servers().getFirst().toString(),
            bucket + "@" + facts.created().getEpochSecond() + ":read",
            last);
      }
    } catch (JetStreamApiException e) {
      throw new IOException(BucketFacts.words(bucket, e), e);
    } catch (IllegalStateException e) {
      throw new IOException("the connection was closed", e);
    }
  }
}
