package anycast.ctl;

import anycast.routing.feed.Table;
import anycast.routing.feed.nats.NatsConfig;
import anycast.routing.feed.nats.NatsState;
import anycast.routing.feed.nats.NatsVersions;
import anycast.routing.time.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// NATS JetStream's buckets as a place of state. They take any bytes.
final class BucketState implements StatePlace {
  private final NatsState state;

  BucketState(NatsConfig config, Duration timeout) throws IOException, InterruptedException {
    state = new NatsState(config, Ticker.system());
    try {
      state.awaitConnected(timeout);
    } catch (IOException | InterruptedException e) {
      state.close();
      throw e;
    }
  }

  /// Versions of rows, over this connection.
  NatsVersions versions() {
    return state.versions();
  }

  @Override
  public List<StateRow> read(Table table) throws IOException, InterruptedException {
    List<StateRow> rows = new ArrayList<>();
    state.read(table, stored -> rows.add(new StateRow(table, stored)));
    return rows;
  }

  @Override
  public Optional<String> objection(StateRow row) {
    return Optional.empty();
  }

  @Override
  public void prepare() throws IOException {
    state.makeBuckets(Arrays.asList(Table.values()));
  }

  @Override
  public void write(Table table, List<StateRow> rows, List<StateRow> gone)
      throws IOException, InterruptedException {
    state.putAll(table, rows.stream().map(StateRow::stored).toList());
    for (StateRow row : gone) {
      state.remove(table, row.key());
    }
  }

  @Override
  public void finish() {}

  @Override
  public void close() {
    state.close();
  }
}
