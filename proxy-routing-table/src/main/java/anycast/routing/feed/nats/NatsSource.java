package anycast.routing.feed.nats;

import anycast.routing.feed.StateSource;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.util.Set;

/// Follows every table by one key-value bucket of NATS JetStream.
public final class NatsSource implements StateSource {
  private final Set<Table> tables;

  /// @param tables what to follow
  public NatsSource(NatsConfig config, Set<Table> tables, Ticker ticker) {
    this.tables = Set.copyOf(tables);
  }

  @Override
  public Set<Table> tables() {
    return tables;
  }

  @Override
  public void start(Sink sink) {}

  @Override
  public void resnapshot(Table table) {}

  @Override
  public void reopen() {}

  @Override
  public Watermark read(Table table, RowSink rows) throws IOException, InterruptedException {
    throw new IOException("comes next");
  }

  @Override
  public void close() {}
}
