package anycast.routing.feed.nats;

import anycast.routing.feed.Cells;
import anycast.routing.feed.Table;
import anycast.routing.time.Ticker;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The buckets as a tool writes and reads them: whole tables, once.
///
/// **Threading.** One caller. **Limits.** At most 256 writes are under way. **Faults.** An
/// `IOException` in words; a write that it ends may or may not stand, and writing it again is
/// harmless.
public final class NatsState implements AutoCloseable {
  /// Largest row; a certificate chain has a few kB. Also what a server takes by default.
  static final int MAX_VALUE_BYTES = 1 << 20;

  private static final int MOST_UNDER_WAY = 256;

  private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

  /// One row as it stands in a bucket.
  ///
  /// @param key the entry's key, as the bucket spells it
  /// @param value the entry's bytes
  /// @param cells what the bytes say
  public record Stored(String key, byte[] value, Cells cells) {}

  /// Takes rows in.
  @FunctionalInterface
  public interface StoredSink {
    void row(Stored row);
  }

  private final NatsConfig config;
  private final NatsLink link;
  private final CountDownLatch up = new CountDownLatch(1);

  public NatsState(NatsConfig config, Ticker ticker) {
    this.config = config;
    this.link = new NatsLink(config, "anycast-tool", ticker, up::countDown);
    link.start();
  }

  /// Waits until a server answers.
  public void awaitConnected(Duration timeout) throws IOException, InterruptedException {
    if (!up.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      link.connection();
    }
  }

  /// Makes the buckets that are not there.
  public void makeBuckets(Collection<Table> tables) throws IOException {
    makeBuckets(link.connection(), config, tables);
  }

  static void makeBuckets(Connection connection, NatsConfig config, Collection<Table> tables)
      throws IOException {
    for (Table table : tables) {
      String bucket = config.bucket(table);
      try {
        BucketFacts.of(connection, bucket);
      } catch (JetStreamApiException e) {
        if (!BucketFacts.isMissing(e)) {
          throw new IOException(BucketFacts.words(bucket, e), e);
        }
        make(connection, config, bucket);
      }
    }
  }

  private static void make(Connection connection, NatsConfig config, String bucket)
      throws IOException {
    KeyValueConfiguration wanted =
        KeyValueConfiguration.builder()
            .name(bucket)
            .description("routing state of anycast proxies")
            .maxHistoryPerKey(1)
            .maximumValueSize(MAX_VALUE_BYTES)
            .replicas(config.replicas())
            .build();
    try {
      connection.keyValueManagement().create(wanted);
    } catch (JetStreamApiException e) {
      throw new IOException("bucket " + bucket + ": " + e.getErrorDescription(), e);
    }
  }

  /// Tells every row of a table; empty where there is no such bucket.
  public void read(Table table, StoredSink rows) throws IOException, InterruptedException {
    Connection connection = link.connection();
    try {
      BucketFacts.of(connection, config.bucket(table));
    } catch (JetStreamApiException e) {
      if (BucketFacts.isMissing(e)) {
        return;
      }
      throw new IOException(BucketFacts.words(config.bucket(table), e), e);
    }
    BucketReading.read(
        connection,
        config,
        table,
        Pace.NORMAL,
        (key, value) -> rows.row(new Stored(key, value, RowJson.read(table, key, value))));
  }

  /// The entry of a row with these cells.
  ///
  /// @throws IllegalArgumentException where its key cells are not text
  public static Stored stored(Table table, List<Object> cells) {
    return new Stored(RowJson.key(table, cells), RowJson.value(cells), new Cells.Values(cells));
  }

  /// An entry with these bytes, whatever they say.
  public static Stored stored(Table table, String key, byte[] value) {
    return new Stored(key, value, RowJson.read(table, key, value));
  }

  /// Writes one row, whatever stood there.
  public void put(Table table, List<Object> cells) throws IOException, InterruptedException {
    putAll(table, List.of(stored(table, cells)));
  }

  /// Writes rows, whatever stood there; returns when the servers hold them all.
  public void putAll(Table table, Collection<Stored> rows)
      throws IOException, InterruptedException {
    try {
      JetStream stream = link.connection().jetStream();
      Deque<CompletableFuture<PublishAck>> underWay = new ArrayDeque<>();
      for (Stored row : rows) {
        if (underWay.size() == MOST_UNDER_WAY) {
          await(table, underWay.removeFirst());
        }
        String subject = Delivery.subject(config.bucket(table), row.key());
        underWay.add(stream.publishAsync(subject, row.value()));
      }
      while (!underWay.isEmpty()) {
        await(table, underWay.removeFirst());
      }
    } catch (IllegalStateException e) {
      throw new IOException("the connection was closed", e);
    }
  }

  private void await(Table table, CompletableFuture<PublishAck> write)
      throws IOException, InterruptedException {
    try {
      write.get(WRITE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException(config.bucket(table) + ": " + e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException(config.bucket(table) + ": a write was not answered", e);
    }
  }

  /// Removes a row; nothing happens where there is none.
  public void remove(Table table, String key) throws IOException {
    String bucket = config.bucket(table);
    try {
      link.connection().keyValue(bucket).delete(key);
    } catch (JetStreamApiException e) {
      throw new IOException(BucketFacts.words(bucket, e), e);
    }
  }

  /// Versions of rows, over this connection.
  public NatsVersions versions() {
    return new NatsVersions(config, link);
  }

  @Override
  public void close() {
    link.close();
  }
}
