package anycast.routing.feed.corrosion;

import anycast.routing.feed.SourceEvent;
import anycast.routing.feed.StateSource;
import anycast.routing.feed.Table;
import anycast.routing.feed.Watermark;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/// Follows tables by one subscription each of a Corrosion agent, or of anything that speaks its
/// API.
///
/// **Threading.** One virtual thread a table reads lines and offers events; it blocks where the
/// sink is behind, and through TCP that reaches the agent. **Faults.** Whatever ends a stream ends
/// in "resume" or "snapshot anew" ([StreamMachine]), with jittered backoff and without giving up.
public final class CorrosionSource implements StateSource {
  private final CorrosionConfig config;
  private final AgentHttp http;
  private final Ticker ticker;
  private final Map<Table, TableStream> streams = new EnumMap<>(Table.class);

  /// Whether a change came since streams were opened again.
  private volatile boolean changed = true;

  /// @param tables what to follow there
  /// @throws IllegalArgumentException where the CA file is none
  public CorrosionSource(CorrosionConfig config, Set<Table> tables, Ticker ticker) {
    this(config, tables, ticker, TableStream.Limits.USUAL);
  }

  CorrosionSource(
      CorrosionConfig config, Set<Table> tables, Ticker ticker, TableStream.Limits limits) {
    this.config = config;
    this.http = new AgentHttp(config, ticker);
    this.ticker = ticker;
    for (Table table : tables) {
      streams.put(table, new TableStream(table, config, http, ticker, limits));
    }
  }

  @Override
  public Set<Table> tables() {
    return Collections.unmodifiableSet(streams.keySet());
  }

  /// Which agent a table is followed at, or was tried at last.
  public URI agent(Table table) {
    return streams.get(table).agent();
  }

  @Override
  public void start(Sink sink) {
    Sink watched =
        event -> {
          if (event instanceof SourceEvent.Changed) {
            changed = true;
          }
          sink.offer(event);
        };
    streams.values().forEach(stream -> stream.start(watched));
  }

  @Override
  public void resnapshot(Table table) {
    streams.get(table).resnapshot();
  }

  /// Goes on at the same agents the first time, for it may be the sockets. Where no change has come
  /// on any of them since, it is the agent, cut off from its cluster: its tables go on at the next
  /// one. A snapshot in between proves nothing, it may be as old as the silence.
  @Override
  public void reopen() {
    boolean again = !changed;
    changed = false;
    // tables elsewhere are right to be quiet, and the next agent may be the silent one
    TableStream beats = streams.get(Table.BEATS);
    URI silent = beats == null ? null : beats.agent();
    for (TableStream stream : streams.values()) {
      stream.reopen(again && (silent == null || silent.equals(stream.agent())));
    }
  }

  @Override
  public Watermark read(Table table, RowSink rows) throws IOException, InterruptedException {
    return new TableReading(http, ticker)
        .read(streams.get(table).agent(), config.statement(table), rows);
  }

  @Override
  public void close() {
    streams.values().forEach(TableStream::close);
    http.close();
    streams.values().forEach(TableStream::awaitEnd);
  }
}
