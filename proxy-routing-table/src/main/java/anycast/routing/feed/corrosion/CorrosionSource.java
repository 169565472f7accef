package anycast.routing.feed.corrosion;

import anycast.routing.feed.StateSource;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/// Follows every table by one subscription of a Corrosion agent, or of anything that speaks its
/// API.
///
/// **Threading.** One virtual thread a table reads lines and offers events; it blocks where the
/// sink is behind, and through TCP that reaches the agent. **Faults.** Whatever ends a stream ends
/// in "resume" or "snapshot anew", with jittered backoff and without giving up. Subscription and
/// change ids belong to one agent: another agent is a new snapshot.
public final class CorrosionSource implements StateSource {
  private final AgentHttp http;
  private final Map<Table, TableStream> streams = new EnumMap<>(Table.class);

  /// @param tables what to follow there
  public CorrosionSource(CorrosionConfig config, Set<Table> tables, Ticker ticker) {
    http = new AgentHttp(config.token());
    for (Table table : tables) {
      streams.put(table, new TableStream(table, config.urls(), http, ticker));
    }
  }

  @Override
  public Set<Table> tables() {
    return streams.keySet();
  }

  @Override
  public void start(Sink sink) {
    streams.values().forEach(stream -> stream.start(sink));
  }

  @Override
  public void resnapshot(Table table) {
    streams.get(table).resnapshot();
  }

  @Override
  public void reopen() {
    streams.values().forEach(TableStream::reopen);
  }

  @Override
  public Watermark read(Table table, RowSink rows) throws IOException {
    throw new IOException("reading " + table.label() + " beside its stream comes next");
  }

  @Override
  public void close() {
    streams.values().forEach(TableStream::close);
    http.close();
    streams.values().forEach(TableStream::awaitEnd);
  }
}
