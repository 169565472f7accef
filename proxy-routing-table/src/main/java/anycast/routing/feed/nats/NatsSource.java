package anycast.routing.feed.nats;

import anycast.routing.feed.Cells;
import anycast.routing.feed.StateSource;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.time.Ticker;
import io.nats.client.Connection;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/// Follows every table by one key-value bucket of NATS JetStream.
///
/// **Threading.** One virtual thread a table takes entries and offers events; it blocks where the
/// sink is behind, and by flow control that reaches the server. One more connects. **Faults.**
/// Whatever ends a stream ends in "go on from the revision", where the bucket proves that it is the
/// same, or "snapshot anew", with jittered backoff and without giving up. A bucket that is not
/// there is a loss, not an empty table.
public final class NatsSource implements StateSource {
  private final NatsConfig config;
  private final Pace pace;
  private final NatsLink link;
  private final Map<Table, BucketStream> streams = new EnumMap<>(Table.class);

  /// @param tables what to follow
  public NatsSource(NatsConfig config, Set<Table> tables, Ticker ticker) {
    this(config, tables, ticker, Pace.NORMAL);
  }

  NatsSource(NatsConfig config, Set<Table> tables, Ticker ticker, Pace pace) {
    this.config = config;
    this.pace = pace;
    this.link = new NatsLink(config, "anycast-follower", ticker, this::onLinkUp);
    for (Table table : tables) {
      streams.put(table, new BucketStream(table, config, link, pace, ticker));
    }
  }

  private void onLinkUp() {
    streams.values().forEach(BucketStream::onLinkUp);
  }

  @Override
  public Set<Table> tables() {
    return Collections.unmodifiableSet(streams.keySet());
  }

  @Override
  public void start(Sink sink) {
    streams.values().forEach(stream -> stream.start(sink));
    link.start();
  }

  @Override
  public void resnapshot(Table table) {
    streams.get(table).resnapshot();
  }

  /// Leaves the server for another one.
  @Override
  public void reopen() {
    link.drop();
  }

  @Override
  public Watermark read(Table table, RowSink rows) throws IOException, InterruptedException {
    Connection connection = link.connection();
    RowFilter filter = new RowFilter(table, config.regions());
    KeyIds ids = new KeyIds();
    return BucketReading.read(
        connection,
        config,
        table,
        pace,
        (key, value) -> {
          Cells cells = RowJson.read(table, key, value);
          if (filter.admits(cells)) {
            rows.row(ids.id(key), cells);
          }
        });
  }

  @Override
  public void close() {
    streams.values().forEach(BucketStream::close);
    link.close();
    streams.values().forEach(BucketStream::awaitEnd);
  }
}
